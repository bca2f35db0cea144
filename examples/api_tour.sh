#!/bin/sh
# From an API key to scored rows. Needs a server, and an API key of scope manage:
#   ANOM_KEY=anom_... sh examples/api_tour.sh
set -eu
api="${ANOM_URL:-http://127.0.0.1:8000}/api/v1"
key="Authorization: Bearer ${ANOM_KEY:?Set ANOM_KEY to an API key.}"
curl() { command curl --silent --show-error --fail-with-body "$@" && echo; }

awk 'BEGIN { print "payment_id,amount,items"; for (n = 1; n <= 300; n++) print "p-" n "," (n == 42 ? 9820 : 40 + n % 17) "," 1 + n % 4 }' > payments.csv

echo "1. Who am I?"
curl "$api/me" -H "$key"

echo "2. Upload a table."
curl "$api/datasets/uploads?name=Payments&slug=payments" -H "$key" -H "Content-Type: text/csv" --data-binary @payments.csv

echo "3. Which rows are unusual, and why?"
curl "$api/detect" -H "$key" --json '{"dataset_id": "payments", "contamination": 0.01}' -o scores.json

echo "4. Train a model on it."
job=$(curl "$api/train" -H "$key" --json '{"dataset": "payments", "name": "payments", "contamination": 0.01}' | sed -n 's/.*"job_id": *"\([^"]*\)".*/\1/p')

echo "5. Follow the job until it is over."
curl --no-buffer "$api/jobs/$job/events" -H "$key"

echo "6. Score new rows with the model."
curl "$api/detect" -H "$key" --json '{"model": "payments", "data": [{"amount": 45, "items": 2}, {"amount": 9820, "items": 1}]}'
