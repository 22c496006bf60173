import pytest

from hexr_autoinst.config import Config, Rule, load, names
from hexr_autoinst.errors import ConfigError


def written(tmp_path, text):
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_command_line_beats_environment_beats_file_beats_default(tmp_path):
    path = written(tmp_path, 'page_port = 1001\nproxy_port = 1002\nmetrics_port = 1003\ndoor = "ebpf"\n')
    config = load(
        {"page_port": 3001, "door": None}, {"HEXR_PAGE_PORT": "2001", "HEXR_PROXY_PORT": "2002"}, path
    )

    assert (config.page_port, config.proxy_port, config.metrics_port, config.door, config.turn_silence) == (
        3001,
        2002,
        1003,
        "ebpf",
        60.0,
    )


def test_filters_are_read_from_every_source(tmp_path):
    path = written(tmp_path, 'not = ["user:root"]\n')
    config = load({"only": ["pid:7"]}, {"HEXR_NOT": ""}, path)

    assert ((Rule("pid", "7"),), (Rule("user", "root"),)) == (config.only, config.not_)
    assert (Rule("cgroup", "/a"), Rule("exe", "/b*")) == load({}, {"HEXR_ONLY": "cgroup:/a,exe:/b*"}).only


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense = 1", "unknown key `nonsense`"),
        ("page_port = 'x'", "`page_port` wants int"),
        ("door = 'window'", "one of both, ebpf, proxy"),
        ("only = ['who:me']", "is no filter"),
        ("only = ['pid:me']", "a pid is a number"),
        ("content = 'maybe'", "`content` wants bool"),
        ("[[agents]]\ncolor = 'red'", "[[agents]] number 1"),
        ("= 3", "not TOML"),
    ],
)
def test_a_bad_file_is_one_clear_sentence(tmp_path, text, says):
    with pytest.raises(ConfigError, match=".") as caught:
        load({}, {}, written(tmp_path, text))

    assert says in caught.value.message
    assert caught.value.exit_code == 78


def test_a_named_file_must_exist_the_default_may_not(tmp_path):
    with pytest.raises(ConfigError, match="no file"):
        load({}, {}, tmp_path / "absent.toml")
    with pytest.raises(ConfigError, match="no file"):
        load({}, {"HEXR_CONFIG": str(tmp_path / "absent.toml")})


@pytest.mark.parametrize(
    ("mode", "kept"),
    [("true", True), ("SPAN_ONLY", True), ("NO_CONTENT", False), ("false", False), ("EVENT_ONLY", False)],
)
def test_content_follows_the_standard_switch(mode, kept):
    assert kept is load({}, {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": mode}).content


def test_the_standard_otlp_variables_are_understood():
    config = load({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})

    assert (config.otlp_endpoint, config.otlp_protocol) == ("http://c:4317", "grpc")


def test_a_config_survives_the_way_to_a_child(tmp_path):
    path = written(tmp_path, "only = ['exe:/x']\n[[agents]]\nname = 'a'\nexe = '/y'\n")
    config = load({}, {}, path)

    assert config == Config.from_json(config.to_json())


def test_keys_are_spelled_as_in_the_file():
    assert "not" in names()
    assert "not_" not in names()


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("findings = ['loop', 'cache_miss']", ("loop", "cache_miss")),
        ("findings = []", ()),
        ("findings = 'none'", ()),
        ("", ("loop", "retry_storm", "cache_miss", "context_full")),
    ],
)
def test_each_finding_can_be_turned_off(tmp_path, text, kinds):
    assert load({}, {}, written(tmp_path, text)).findings == kinds


def test_findings_in_the_environment_and_one_that_nobody_knows():
    assert load({}, {"HEXR_FINDINGS": "loop, context_full"}).findings == ("loop", "context_full")
    with pytest.raises(ConfigError, match="loop, retry_storm"):
        load({}, {"HEXR_FINDINGS": "loops"})
