"""The Celery application that is measured: one task that does nothing."""

import os

from celery import Celery

app = Celery("noop", broker=os.environ["BENCH_BROKER"])
app.conf.update(
    task_ignore_result=True,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
if os.environ["BENCH_BROKER"].startswith("amqp"):
    # The durable setting: the broker confirms what it has kept, and a task is acknowledged after it ran.
    app.conf.update(task_acks_late=True, broker_transport_options={"confirm_publish": True})


@app.task(name="noop")
def noop(at):
    """Does nothing."""
