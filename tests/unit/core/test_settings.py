from collections.abc import Mapping
from pathlib import Path

import pytest

from anomaly_detection.domain.severity import FLAGGED
from core.domain.errors import InvalidOption, NotFound
from core.infrastructure import settings_tree
from core.infrastructure.settings import Settings
from core.infrastructure.settings_sources import names_of
from core.infrastructure.settings_tree import paths


def load(
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    named: Path | None = None,
    flags: Mapping[str, tuple[object, str]] | None = None,
) -> Settings:
    home = {"HOME": str(folder / "home")}
    return Settings.load(environment=home | dict(environment or {}), folder=folder, named=named, flags=flags)


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def refusal(folder: Path, environment: Mapping[str, str] | None = None, *, named: Path | None = None) -> str:
    with pytest.raises(InvalidOption) as refused:
        load(folder, environment, named=named)
    return str(refused.value)


def test_without_any_source_every_setting_has_its_default(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.get("data.batch_rows") == 65_536
    assert settings.get("model.contamination") is None
    assert {settings.origin(path) for path in settings.paths()} == {"default"}


def test_compiled_kernels_are_kept_in_the_users_cache_folder_by_default(tmp_path: Path) -> None:
    assert load(tmp_path).get("compute.numba_cache_dir") == tmp_path / "home/.cache/anomaly_detection/numba"
    assert load(tmp_path, {"HOME": ""}).get("compute.numba_cache_dir") is None


def test_the_nearest_source_counts_key_by_key(tmp_path: Path) -> None:
    write(tmp_path / "config/model.yaml", "# mine\nseed: 3\nalgorithm: ecod\n")
    write(
        tmp_path / "home/.config/anomaly_detection/model.yaml",
        "seed: 2\nalgorithm: hbos\ncontamination: 0.1\n",
    )
    environment = {"ANOMALY_DETECTION_MODEL_ALGORITHM": "pca"}
    settings = load(tmp_path, environment, flags={"data.batch_rows": (5, "--batch-rows")})
    found = {path: (settings.get(path), settings.origin(path)) for path in settings.origins}
    assert found == {
        "data.batch_rows": (5, "flag --batch-rows"),
        "model.algorithm": ("pca", "environment ANOMALY_DETECTION_MODEL_ALGORITHM"),
        "model.seed": (3, "config/model.yaml:2"),
        "model.contamination": (0.1, "home/.config/anomaly_detection/model.yaml:3"),
    }


def test_a_named_place_is_read_in_place_of_the_config_folder(tmp_path: Path) -> None:
    write(tmp_path / "config/model.yaml", "seed: 3\n")
    other = write(tmp_path / "other.yaml", "data:\n  batch_rows: 7\nmodel:\n")
    for settings in (
        load(tmp_path, named=other),
        load(tmp_path, {"ANOMALY_DETECTION_CONFIG": str(other)}),
    ):
        assert (settings.get("data.batch_rows"), settings.get("model.seed")) == (7, 0)
        assert settings.origin("data.batch_rows") == "other.yaml:2"


def test_the_flag_names_the_place_rather_than_the_variable(tmp_path: Path) -> None:
    named, other = (
        write(tmp_path / "a.yaml", "model: {seed: 1}"),
        write(tmp_path / "b.yaml", "model: {seed: 2}"),
    )
    assert load(tmp_path, {"ANOMALY_DETECTION_CONFIG": str(other)}, named=named).get("model.seed") == 1


def test_a_named_file_called_after_a_section_holds_that_section(tmp_path: Path) -> None:
    assert load(tmp_path, named=write(tmp_path / "model.yaml", "seed: 4")).get("model.seed") == 4


def test_both_environment_names_work_and_the_double_underscore_goes_first(tmp_path: Path) -> None:
    single, double = "ANOMALY_DETECTION_DATA_BATCH_ROWS", "ANOMALY_DETECTION_DATA__BATCH_ROWS"
    assert load(tmp_path, {single: "5"}).get("data.batch_rows") == 5
    assert load(tmp_path, {double: "6"}).get("data.batch_rows") == 6
    both = load(tmp_path, {single: "5", double: "6"})
    assert (both.get("data.batch_rows"), both.origin("data.batch_rows")) == (6, f"environment {double}")


def test_no_two_settings_share_an_environment_name() -> None:
    names = [name for path in paths() for name in names_of(path)]
    assert len(names) == len(set(names))


def test_our_own_name_goes_before_the_well_known_one(tmp_path: Path) -> None:
    known = {"NUMBA_CACHE_DIR": "/a"}
    assert load(tmp_path, known).origin("compute.numba_cache_dir") == "environment NUMBA_CACHE_DIR"
    ours = known | {"ANOMALY_DETECTION_COMPUTE_NUMBA_CACHE_DIR": "/b"}
    assert load(tmp_path, ours).get("compute.numba_cache_dir") == Path("/b")


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert load(tmp_path, {"ANOMALY_DETECTION_MODEL_SEED": ""}).get("model.seed") == 0


@pytest.mark.parametrize("word", ["auto", "null"])
def test_what_is_found_automatically_can_be_asked_for_by_word(tmp_path: Path, word: str) -> None:
    assert load(tmp_path, {"ANOMALY_DETECTION_MODEL_CONTAMINATION": word}).get("model.contamination") is None


def test_an_unknown_variable_of_ours_is_refused_with_the_nearest(tmp_path: Path) -> None:
    text = refusal(tmp_path, {"ANOMALY_DETECTION_MODEL_SEDE": "1"})
    assert "ANOMALY_DETECTION_MODEL_SEDE is no setting" in text
    assert "'ANOMALY_DETECTION_MODEL_SEED'" in text


@pytest.mark.parametrize(
    "name",
    ["SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_8000_TCP", "PORT_8000_TCP_ADDR"],
)
def test_what_kubernetes_sets_beside_a_service_of_our_name_is_left_alone(tmp_path: Path, name: str) -> None:
    environment = {f"ANOMALY_DETECTION_{name}": "tcp://10.0.0.1:8000"}
    assert load(tmp_path, environment).origins == {}


def test_an_unknown_key_is_refused_with_file_line_and_nearest_key(tmp_path: Path) -> None:
    write(tmp_path / "config/data.yaml", "# rows\nbatch_rwos: 10\n")
    assert refusal(tmp_path).startswith("config/data.yaml:2: 'batch_rwos' is no setting of 'data'.")
    assert "'batch_rows'" in refusal(tmp_path)


def test_a_key_of_another_section_is_pointed_there(tmp_path: Path) -> None:
    write(tmp_path / "config/model.yaml", "batch_rows: 10\n")
    assert "Did you mean 'data.batch_rows'?" in refusal(tmp_path)


def test_a_section_inside_its_own_file_is_explained(tmp_path: Path) -> None:
    write(tmp_path / "config/model.yaml", "model:\n  seed: 1\n")
    assert "config/model.yaml:1: the file's name says 'model' already" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed: abc", "config/model.yaml:1: model.seed is 'abc'"),
        ("seed: -1", "model.seed is -1"),
        ("seed: true", "true and false are no value"),
        ("seed: [1]", "model.seed is [1]"),
        ("seed:\n  deep: 1", "model.seed is {'deep': 1}"),
        ("seed: 1\nseed: 2", "config/model.yaml:2: model.seed is given twice; first in config/model.yaml:1"),
        ("contamination: 0.7", "model.contamination is 0.7"),
        ("contamination: .nan", "model.contamination is nan"),
        ("algorithm: ''", "model.algorithm is ''"),
        ("- seed", "config/model.yaml:1: settings are written as"),
        ("seed: [1\n", "config/model.yaml:2 is not valid YAML"),
        ("seed: 1\n---\nseed: 2", "config/model.yaml:2 is not valid YAML"),
        ("seed: &a [*a]", "is not valid YAML"),
        ("seed: 2020-99-99", "config/model.yaml:1"),
        ("a\x00b: 1", "config/model.yaml is not valid YAML"),
        ("seed: " + "[" * 5000, "is not valid YAML"),
        ("seed: !!python/object/apply:os.getcwd []", "config/model.yaml:1 is not valid YAML"),
        ("? [a]\n: 1", "config/model.yaml:1: '?' is no setting"),
    ],
)
def test_bad_content_is_refused_in_one_line_that_says_where(tmp_path: Path, text: str, words: str) -> None:
    write(tmp_path / "config/model.yaml", text)
    assert words in refusal(tmp_path)
    assert "\n" not in refusal(tmp_path)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "config/model.yaml", "").write_bytes("algorithm: é".encode("latin-1"))
    assert "config/model.yaml is not valid YAML in UTF-8" in refusal(tmp_path)


def test_cut_offs_that_do_not_ascend_are_refused_with_where_they_come_from(tmp_path: Path) -> None:
    write(tmp_path / "config/severity.yaml", "high: 0.96\n")
    assert refusal(tmp_path).startswith("config/severity.yaml:1: severity.high (0.96) must be below")


def test_empty_and_commented_files_give_nothing(tmp_path: Path) -> None:
    write(tmp_path / "config/model.yaml", "")
    write(tmp_path / "config/settings.yml", "# seed: 1\n")
    assert load(tmp_path).origins == {}


def test_another_programs_files_in_the_config_folder_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "config/routes.yaml", "{{ not: yaml")
    write(tmp_path / "config/deploy.yaml", "kind: Deployment\n")
    write(tmp_path / "config/settings.yml", "smtp:\n  host: localhost\n")
    assert load(tmp_path).get("model.seed") == 0


def test_a_file_called_settings_holds_sections_where_only_we_write(tmp_path: Path) -> None:
    write(tmp_path / "home/.config/anomaly_detection/settings.yaml", "model:\n  seed: 8\n")
    assert load(tmp_path).get("model.seed") == 8
    write(tmp_path / "home/.config/anomaly_detection/settings.yaml", "modell:\n  seed: 8\n")
    assert ":1: 'modell' is no section. Did you mean 'model'?" in refusal(tmp_path)


def test_files_without_a_section_are_refused_in_a_named_folder(tmp_path: Path) -> None:
    write(tmp_path / "mine/modle.yaml", "seed: 1\n")
    assert "mine/modle.yaml: no section" in refusal(tmp_path, named=tmp_path / "mine")
    assert "'model'" in refusal(tmp_path, named=tmp_path / "mine")


def test_a_folder_one_merely_stands_in_does_not_choose_where_code_is_loaded_from(tmp_path: Path) -> None:
    write(tmp_path / "config/compute.yaml", "numba_cache_dir: cache\n")
    assert "compute.numba_cache_dir is not taken" in refusal(tmp_path)
    assert load(tmp_path, named=tmp_path / "config").get("compute.numba_cache_dir") == Path("cache")


def test_a_named_place_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no settings at .*nope"):
        load(tmp_path, named=tmp_path / "nope")


def test_a_folder_in_place_of_a_settings_file_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "config/model.yaml").mkdir(parents=True)
    assert load(tmp_path).get("model.seed") == 0


def test_an_unknown_path_is_not_found_and_the_nearest_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"data\.batch_rows"):
        load(tmp_path).get("data.batchrows")
    with pytest.raises(NotFound):
        load(tmp_path).origin("data")


def test_a_section_can_be_had_as_a_whole(tmp_path: Path) -> None:
    assert load(tmp_path).get("severity") == {"low": 0.5, "high": 0.9, "critical": 0.95}


def test_the_fixed_cut_off_is_the_detectors() -> None:
    assert settings_tree.FLAGGED == FLAGGED


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("SECURITY_SOURCE_NETWORKS", '["127.0.0.0/8"]', "'[\"127.0.0.0/8\"]' is no network"),
        ("SECURITY_IDENTITY_NETWORKS", "10.0.0.0/8, intranet", "'intranet' is no network"),
        ("API_TRUSTED_PROXIES", "10.0.0.1/8", "'10.0.0.1/8' is no network"),
        ("API_TRUSTED_PROXIES", "*, 10.0.0.1", "'*' is no network"),
    ],
)
def test_a_network_that_is_none_is_refused_and_told(
    tmp_path: Path, name: str, value: str, wrong: str
) -> None:
    text = refusal(tmp_path, {f"ANOMALY_DETECTION_{name}": value})
    assert wrong in text
    assert "such as 10.0.0.0/8" in text


@pytest.mark.parametrize(
    ("name", "value", "networks"),
    [
        ("SECURITY_SOURCE_NETWORKS", "127.0.0.1/8, fd00::/8", ("127.0.0.1/8", "fd00::/8")),
        ("API_TRUSTED_PROXIES", "10.0.0.1,10.1.0.0/16", ("10.0.0.1", "10.1.0.0/16")),
        ("API_TRUSTED_PROXIES", "*", ("*",)),
    ],
)
def test_networks_and_addresses_are_taken_as_they_are_written(
    tmp_path: Path, name: str, value: str, networks: tuple[str, ...]
) -> None:
    settings = load(tmp_path, {f"ANOMALY_DETECTION_{name}": value})
    assert settings.get(name.lower().replace("_", ".", 1)) == networks
