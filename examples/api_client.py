"""From an API key to scored rows in Python, with httpx and nothing of this package.

Needs a server, and an API key of scope manage: ANOM_KEY=anom_... python examples/api_client.py
"""

import os
import time

import httpx

api = httpx.Client(
    base_url=os.environ.get("ANOM_URL", "http://127.0.0.1:8000") + "/api/v1/",
    headers={"Authorization": f"Bearer {os.environ['ANOM_KEY']}"},
    timeout=60,
)


def asked(method: str, path: str, **options: object) -> httpx.Response:
    """Again after the server's Retry-After; any other problem is raised with what to do about it."""
    while True:
        answer = api.request(method, path, **options)  # type: ignore[arg-type]  # as httpx takes them
        if answer.status_code not in (429, 503):
            break
        time.sleep(float(answer.headers.get("Retry-After", 5)))
    if answer.is_error:
        problem = answer.json()
        raise SystemExit(f"{problem['title']}: {problem['detail']} {problem.get('fix', '')}")
    return answer


table = "reading,flow,pressure\n" + "".join(f"r-{n},{10 + n % 7},{2 + n % 3}\n" for n in range(300))
table += "r-300,10,40\n"
asked(
    "POST",
    "datasets/uploads",
    params={"name": "Pump", "slug": "pump"},
    content=table,
    headers={"Content-Type": "text/csv"},
)
found = asked("POST", "detect", json={"dataset_id": "pump", "contamination": 0.01}).json()
print(f"{found['anomaly_count']} of {found['count']} rows are unusual.")
highest = max(found["results"], key=lambda row: row["score"])
print(f"row {highest['index']}: {highest['score']:.3f} {highest['severity']}, {highest['reason']}")
