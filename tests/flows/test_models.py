"""`llmos model` and models behind servers, as processes: settings, answers and what is said about them."""

from __future__ import annotations

import json
import tomllib

import pytest

from tests.flows.conftest import Llmos
from tests.models import small_hub, tiny
from tests.models.odd_server import calling, running, text

MB = 2**20


@pytest.fixture
def config(llmos: Llmos):
    file = llmos.base / "config.toml"
    llmos.env |= {"LLMOS_CONFIG": str(file), "HF_HOME": str(llmos.base / "hf"), "OMP_NUM_THREADS": "1"}
    file.write_text('# mine\nsteps = 5  # enough\nmodel = "embedded"\n')
    return file


def test_a_server_answers_through_tools_and_says_who_it_was(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    with running(calling("list_folder", {}), text("One file.")) as server:
        done = llmos.run("--model", f"openai:tiny@{server.url}", "what is here?")
    assert done.stdout == "One file.\n" and done.returncode == 0
    assert "a" in done.stderr.splitlines() and "tokens read, 7 written" in done.stderr


def test_what_is_sent_holds_no_secret(llmos: Llmos) -> None:
    with running(text("ok")) as server:
        llmos.run("--model", f"openai:tiny@{server.url}", "my password is hunter2hunter2")
    assert "hunter2" not in json.dumps(server.asked)


def test_use_keeps_what_else_stands_in_the_settings(llmos: Llmos, config) -> None:
    with running(text("ok")) as server:
        done = llmos.run("model", "use", "openai:tiny", "--base-url", server.url, "--role", "strong")
    assert done.returncode == 0 and done.stderr == ""
    assert config.read_text().startswith("# mine\nsteps = 5  # enough\n")
    assert tomllib.loads(config.read_text())["strong"] == f"openai:tiny@{server.url}"


def test_a_model_the_server_does_not_have_is_not_used(llmos: Llmos, config) -> None:
    with running(text("ok")) as server:
        done = llmos.run("model", "use", "openai:tinny", "--base-url", server.url)
    assert done.returncode == 2 and "it has tiny" in done.stderr and "openai" not in config.read_text()


def test_what_needs_words_goes_to_the_strong_one_and_json_says_so(llmos: Llmos, config) -> None:
    with running(text("Bonjour.")) as server:
        config.write_text(f'strong = "openai:tiny@{server.url}"\n')
        done = llmos.run("--json", "translate good morning into French")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"event": "said", "text": "Bonjour.", "asks_back": False} in events
    assert f"openai:tiny@{server.url}" in [event.get("model") for event in events]


def test_nothing_is_sent_for_what_the_embedded_model_is_sure_of(llmos: Llmos, config) -> None:
    with running(text("never")) as server:
        config.write_text(f'strong = "openai:tiny@{server.url}"\n')
        assert llmos.run("list the files here").returncode == 0
    assert server.asked == []


def test_doctor_says_what_does_not_work(llmos: Llmos, config) -> None:
    with running(text("I cannot call anything.")) as server:
        config.write_text(f'strong = "openai:tiny@{server.url}"\n')
        done = llmos.run("model", "doctor")
    assert done.returncode == 1
    assert "embedded  works" in done.stdout and "answers, but without a call" in done.stdout


def test_list_shows_what_is_used_and_what_is_recommended(llmos: Llmos, config) -> None:
    done = llmos.run("model", "list")
    assert done.stdout.startswith("fast\tembedded\there") and "Qwen/Qwen3-4B-Instruct-2507" in done.stdout


@pytest.mark.slow
def test_a_model_of_the_hub_is_fetched_goes_on_where_it_broke_off_and_is_removed(llmos: Llmos, config) -> None:
    folder = tiny.save(llmos.base / "tiny", positions=32_768)
    with (folder / "model.safetensors").open("ab") as weights:
        weights.write(bytes(12 * MB))  # a piece of ten is what is kept
    with small_hub.running("owner/tiny", folder, cut=11 * MB) as hub:
        llmos.env |= {"HF_ENDPOINT": f"http://127.0.0.1:{hub.server_address[1]}", "HF_HUB_DISABLE_XET": "1"}
        done = llmos.run("model", "use", "owner/tiny")
    assert done.returncode == 0 and tomllib.loads(config.read_text())["model"] == "owner/tiny"
    assert ("model.safetensors", 10 * MB) in hub.asked
    shown = llmos.run("model", "show").stdout
    assert "Qwen2ForCausalLM" in shown and "hermes" in shown
    assert llmos.run("model", "remove", "owner/tiny").returncode == 4
    assert llmos.run("model", "remove", "owner/tiny", "--yes").returncode == 0
    assert tomllib.loads(config.read_text())["model"] == "embedded"


def test_a_name_the_hub_does_not_know_is_one_line(llmos: Llmos, config) -> None:
    with small_hub.running("owner/tiny", llmos.folder) as hub:
        llmos.env |= {"HF_ENDPOINT": f"http://127.0.0.1:{hub.server_address[1]}"}
        done = llmos.run("model", "use", "owner/tinny")
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "no such model" in done.stderr


def test_a_server_that_is_down_is_one_line_that_says_what_to_do(llmos: Llmos) -> None:
    done = llmos.run("--model", "openai:x@http://127.0.0.1:9/v1", "hello")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "llmos: nothing listens at 127.0.0.1:9; start the server, or try --model embedded\n"


def test_a_settings_file_that_is_a_link_stays_one(llmos: Llmos, config) -> None:
    config.rename(llmos.base / "dotfiles.toml")
    config.symlink_to(llmos.base / "dotfiles.toml")
    assert llmos.run("model", "use", "embedded").returncode == 0
    assert config.is_symlink() and "# mine" in config.read_text()


def test_an_image_that_is_asked_about_is_shown_to_the_model_that_sees(llmos: Llmos, config) -> None:
    (llmos.folder / "cat.png").write_bytes(b"\x89PNG\r\n")
    with running(text("A cat.")) as server:
        config.write_text(f'vision = "openai:tiny@{server.url}"\n')
        done = llmos.run("describe the animal in @cat.png")
    assert done.stdout == "A cat.\n"
    words, image = server.asked[0]["messages"][-1]["content"]
    assert words["type"] == "text" and image["image_url"]["url"] == "data:image/png;base64,iVBORw0K"


def test_an_image_is_shown_to_nobody_when_it_is_only_to_be_measured(llmos: Llmos, config) -> None:
    (llmos.folder / "cat.png").write_bytes(b"\x89PNG\r\n")
    with running(text("never")) as server:
        config.write_text(f'vision = "openai:tiny@{server.url}"\n')
        assert llmos.run("how large is cat.png?").returncode == 0
    assert server.asked == []
