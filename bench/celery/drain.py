"""Starts a broker, enqueues tasks for Celery, starts a worker and times how fast it drains them.

Prints one line of JSON. Everything that it starts it also ends; nothing is left but files in --work.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def tree_cpu_s(root):
    """Seconds of processor time of a process and of all that descend from it."""
    stats = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            stats[int(name)] = (int(fields[1]), sum(int(field) for field in fields[11:15]))
    total = 0
    for pid in stats:
        at = pid
        while at in stats and at != root:
            at = stats[at][0]
        if at == root:
            total += stats[pid][1]
    return total / TICKS


def wait_for(check, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.05)
    sys.exit(f"{what} did not come up in {seconds} s")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


class Redis:
    def __init__(self, work):
        program = shutil.which("redis-server") or sys.exit("redis-server is not installed")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        words = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", work, "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: answers(self.port), 20, "redis-server")
        import redis

        self.client = redis.Redis(port=self.port)

    def waiting(self):
        return self.client.llen("celery")

    def cpu_s(self):
        return tree_cpu_s(self.process.pid)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


class RabbitMq:
    def __init__(self, work):
        program = "/usr/lib/rabbitmq/bin/rabbitmq-server"
        if not os.path.exists(program):
            sys.exit("rabbitmq-server is not installed")
        home = os.path.join(work, "rabbitmq")
        shutil.rmtree(home, ignore_errors=True)
        os.makedirs(home)
        self.port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self.env = dict(
            os.environ,
            HOME=home,
            RABBITMQ_NODENAME=f"bench{self.port}@localhost",
            RABBITMQ_NODE_PORT=str(self.port),
            RABBITMQ_NODE_IP_ADDRESS="127.0.0.1",
            RABBITMQ_DIST_PORT=str(free_port()),
            RABBITMQ_MNESIA_BASE=home,
            RABBITMQ_LOG_BASE=home,
            RABBITMQ_PID_FILE=os.path.join(home, "pid"),
            RABBITMQ_ENABLED_PLUGINS_FILE=os.path.join(home, "plugins"),
            RABBITMQ_CONFIG_FILE=os.path.join(home, "none"),
            ERL_EPMD_PORT=str(free_port()),
            ERL_EPMD_ADDRESS="127.0.0.1",
        )
        self.process = subprocess.Popen(
            [program], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        wait_for(lambda: answers(self.port), 60, "rabbitmq-server")
        import amqp

        self.connection = amqp.Connection(f"127.0.0.1:{self.port}", userid="guest", password="guest")
        wait_for(self.connects, 20, "rabbitmq-server")

    def connects(self):
        try:
            self.connection.connect()
            self.channel = self.connection.channel()
        except OSError:
            return False
        return True

    def waiting(self):
        return self.channel.queue_declare("celery", passive=True).message_count

    def cpu_s(self):
        return tree_cpu_s(self.process.pid)

    def stop(self):
        self.connection.close()
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(60)
        subprocess.run(["epmd", "-kill"], env=self.env, check=False, capture_output=True)


def drain(broker, tasks, work):
    os.environ["BENCH_BROKER"] = broker.url
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    import celery
    import noop

    for at in range(tasks):
        noop.noop.delay(at)
    words = [sys.executable, "-m", "celery", "-A", "noop", "worker", "-c", "2", "-P", "prefork", "-l", "ERROR"]
    log = open(os.path.join(work, "worker.log"), "wb")
    worker = subprocess.Popen(words, cwd=here, stdout=log, stderr=log)
    try:
        # The start of Python and of the pool is not the tasks' time: the clock runs from the first ones that are gone.
        first = tasks - max(50, tasks // 20)
        end = time.monotonic() + 120
        while broker.waiting() > first:
            if worker.poll() is not None or time.monotonic() > end:
                sys.exit("the worker did not begin: see worker.log")
            time.sleep(0.005)
        started, counted = time.monotonic(), broker.waiting()
        cpu, broker_cpu = tree_cpu_s(worker.pid), broker.cpu_s()
        while broker.waiting() > 0:
            if worker.poll() is not None or time.monotonic() > end:
                sys.exit("the worker did not come to an end: see worker.log")
            time.sleep(0.005)
        seconds = time.monotonic() - started
        return {
            "version": celery.__version__,
            "tasks_per_s": counted / seconds,
            "worker_cpu_us": (tree_cpu_s(worker.pid) - cpu) / counted * 1e6,
            "broker_cpu_us": (broker.cpu_s() - broker_cpu) / counted * 1e6,
        }
    finally:
        worker.terminate()
        worker.wait(60)
        log.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--broker", choices=["redis", "rabbitmq"], required=True)
    parser.add_argument("--tasks", type=int, required=True)
    parser.add_argument("--work", required=True)
    given = parser.parse_args()
    broker = {"redis": Redis, "rabbitmq": RabbitMq}[given.broker](given.work)
    try:
        print(json.dumps(drain(broker, given.tasks, given.work)))
    finally:
        broker.stop()


if __name__ == "__main__":
    main()
