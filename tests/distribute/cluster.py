"""A cluster of Spark on this machine, one of whose two workers is killed while it checks: ``python -m tests.distribute.cluster``."""

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from pyspark.sql import SparkSession

from tests.distribute.test_spark import CHEAP, assert_same, of_spark, tables
from validator import api
from validator import spark as on_spark
from validator.distribute import spark as engine

PORT = 17077
MASTER = f"spark://127.0.0.1:{PORT}"
PARTITIONS = 16


def begin(stack: ExitStack, *command: str) -> subprocess.Popen[bytes]:
    """A process of the cluster, ended with all that it started when the run is over."""
    import pyspark

    home = Path(pyspark.__file__).parent
    scratch = stack.enter_context(TemporaryDirectory())
    own = {"SPARK_WORKER_DIR": scratch, "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONPATH": str(Path.cwd())}
    out = stack.enter_context((Path(scratch) / "log").open("wb"))
    made = subprocess.Popen(
        [str(home / "bin" / "spark-class"), *command],
        env={**os.environ, **own},
        stdout=out,
        stderr=out,
        start_new_session=True,
    )
    stack.callback(end, made)
    return made


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def kill_halfway(spark: SparkSession, worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker, and what it runs, when the first partitions are judged."""
    tracker = spark.sparkContext.statusTracker()
    while True:
        stages = [tracker.getStageInfo(each) for each in tracker.getActiveStageIds()]
        if done := [
            each.numCompletedTasks
            for each in stages
            if each and each.numTasks == PARTITIONS and each.numCompletedTasks > 1
        ]:
            end(worker)
            sys.stdout.write(f"one of two workers killed after {done[0]} of {PARTITIONS} partitions\n")
            return
        time.sleep(0.05)


def main() -> None:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("JAVA_HOME", engine._java_home())
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    given = tables(2_000, 5)
    local = api.check(given, mask=False)
    with ExitStack() as stack:
        begin(
            stack,
            "org.apache.spark.deploy.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            str(PORT),
            "--webui-port",
            "0",
        )
        worker = "org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory", "1g", "--webui-port", "0", MASTER
        workers = [begin(stack, *worker) for _ in range(2)]
        spark = engine.session(MASTER, settings={**CHEAP, "spark.driver.host": "127.0.0.1"})
        stack.callback(spark.stop)
        Thread(target=kill_halfway, args=(spark, workers[0]), daemon=True).start()
        found = on_spark.check(spark, of_spark(spark, given), mask=False, partitions=PARTITIONS)
        assert workers[0].poll() is not None, "the run ended before a worker was killed"
        assert_same(local, found.report)
        sys.stdout.write(
            f"the same: {local.cases.height} cases, {local.findings.height} findings, {local.outcomes.height} outcomes\n"
        )


if __name__ == "__main__":
    main()
