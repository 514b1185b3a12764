import json
import urllib.request

from llmos.bench import compare


def test_the_canned_server_answers_at_once_and_in_parts():
    with compare._server() as url:
        assert _said(url, stream=False)["choices"][0]["message"]["content"] == compare.SAID


def _said(url, **asked):
    request = urllib.request.Request(f"{url}/chat/completions", json.dumps(asked).encode())
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
        return json.load(answer)


def test_peers_that_are_not_installed_are_left_out_and_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("LLMOS_PEERS", str(tmp_path))
    report = compare.measure(1)
    assert [row.name for row in report.rows] == ["llmos, daemon", "llmos, cold"]
    assert "pip install shell-gpt llm" in report.note
