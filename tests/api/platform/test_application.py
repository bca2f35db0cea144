import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from enterprise.api import NoSuchTenant
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.service import Service, build


def test_a_path_that_does_not_exist_is_a_problem(anonymous: TestClient) -> None:
    answer = anonymous.get("/api/v1/nothing")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_nobody_gets_in_with_a_made_up_token(anonymous: TestClient) -> None:
    answer = anonymous.get("/api/v1/datasets", headers={"Authorization": "Bearer made-up"})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_caller_s_request_id_comes_back(anonymous: TestClient) -> None:
    assert anonymous.get("/x", headers={"X-Request-Id": "mine-1"}).headers["x-request-id"] == "mine-1"


@pytest.mark.parametrize("given", ["two words", "x" * 65, "<script>", ""])
def test_a_request_id_that_is_no_plain_word_is_replaced(anonymous: TestClient, given: str) -> None:
    request_id = anonymous.get("/x", headers={"X-Request-Id": given}).headers["x-request-id"]

    assert len(request_id) == 32
    assert request_id != given


def test_errors_carry_the_security_headers(anonymous: TestClient) -> None:
    headers = anonymous.get("/x").headers

    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in headers


def test_what_nobody_foresaw_is_a_500_without_its_cause(whole_service: Service) -> None:
    router = APIRouter()

    @router.get("/breaks")
    def breaks() -> None:
        raise RuntimeError("the cause")

    app = create_app(whole_service)
    app.include_router(router)
    answer = TestClient(app, raise_server_exceptions=False).get("/breaks")

    assert answer.status_code == 500
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "the cause" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_service_built_again_reads_what_the_first_one_encrypted(whole_service: Service) -> None:
    stored = whole_service.cipher.encrypt("secret")
    again = build(whole_service.settings)

    assert again.cipher.decrypt(stored) == "secret"
    again.close()


def test_a_tenant_that_does_not_exist_is_not_found(whole_service: Service) -> None:
    with pytest.raises(NoSuchTenant):
        whole_service.tenant_id("nobody")
