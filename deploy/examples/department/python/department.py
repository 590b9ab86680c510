#!/usr/bin/env python3
"""A department's client: hears calls on dispatch.<dept>.v1, signs, works, completes on feedback.<dept>.v1 (with --shared: on the
topics that small units share).

Needs only a Kafka client (Debian: python3-confluent-kafka). Three habits make it safe against crashes and repeats:
1. every record heard is remembered by its ce_id, in the same commit as the work it causes;
2. the offset goes to Kafka only after that commit, so a crash repeats records and loses none;
3. the id of what we say is computed from what we answer, so saying it twice is saying it once.
"""
import argparse
import datetime
import json
import os
import signal
import sqlite3
import sys
import time
import uuid

from confluent_kafka import Consumer, KafkaException, Producer

CHINA = datetime.timezone(datetime.timedelta(hours=8))


def headers_of(message):
    return {name: (value or b"").decode("utf-8", "replace") for name, value in message.headers() or []}


def read_event(message):
    """CloudEvents over Kafka, binary mode (metadata in headers) or structured mode (all in the value): id, type, data."""
    headers = headers_of(message)
    body = json.loads(message.value())
    if headers.get("content-type", "").lower().startswith("application/cloudevents"):
        return body["id"], body["type"], body.get("data", {}), headers
    return headers["ce_id"], headers["ce_type"], body, headers


class Memory:
    """What this department has heard and still has to do; one SQLite file."""

    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.executescript(
            """create table if not exists heard (id text primary key);
               create table if not exists work (call text primary key, dispatch text not null, ticket text not null,
                                                due real not null, traceparent text, done integer not null default 0);""")

    def first_time(self, event_id):
        return self.db.execute("insert or ignore into heard values (?)", (event_id,)).rowcount == 1

    def add(self, call_id, call, due, traceparent):
        self.db.execute("insert or ignore into work (call, dispatch, ticket, due, traceparent) values (?, ?, ?, ?, ?)",
                        (call_id, call["dispatch"], call["ticket"], due, traceparent))

    def drop(self, dispatch):
        self.db.execute("update work set done = 1 where dispatch = ?", (dispatch,))

    def finish(self, call_id):
        self.db.execute("update work set done = 1 where call = ?", (call_id,))

    def due(self, now):
        return self.db.execute("select call, dispatch, ticket, traceparent from work where done = 0 and due <= ? order by due",
                               (now,)).fetchall()


class Department:
    def __init__(self, options, settings):
        self.options = options
        self.calls = 0
        self.completed = 0
        self.memory = Memory(options.state)
        common = {"bootstrap.servers": options.bootstrap, **settings}
        self.producer = Producer({**common, "enable.idempotence": True})
        self.consumer = Consumer({
            **common, "group.id": f"dept-{options.department}.example", "auto.offset.reset": "earliest",
            "enable.auto.commit": False, "enable.auto.offset.store": False})
        self.topic = "shared" if options.shared else options.department
        self.consumer.subscribe([f"dispatch.{self.topic}.v1"])

    def say(self, kind, call_id, dispatch, ticket, traceparent, **data):
        """One feedback record; returns when the broker has it. The key is the ticket, which keeps a ticket's order; on
        shared topics it is the department.

        The id follows from the call that is answered: the same dispatch may be called again (work that was not accepted, a
        reopened case), and that answer is a new one.
        """
        event_id = str(uuid.uuid5(uuid.UUID(call_id), kind))
        key = self.options.department if self.options.shared else ticket
        headers = {
            "ce_specversion": "1.0", "ce_id": event_id, "ce_type": f"org.shao.{kind}.v1",
            "ce_source": f"/department/{self.options.department}", "ce_subject": ticket, "ce_partitionkey": key,
            "ce_time": datetime.datetime.now(CHINA).isoformat(timespec="milliseconds"),
            "content-type": "application/json"}
        if traceparent:
            headers["traceparent"] = traceparent
        failures = []
        self.producer.produce(
            f"feedback.{self.topic}.v1", key=key,
            value=json.dumps({"dispatch": dispatch, "ticket": ticket, "department": self.options.department, **data}, ensure_ascii=False),
            headers=[(name, value.encode()) for name, value in headers.items()],
            on_delivery=lambda error, _: failures.append(error) if error else None)
        if self.producer.flush(30) or failures:
            raise KafkaException(failures[0] if failures else "the broker did not answer within 30 s")

    def hear(self, message):
        try:
            event_id, event_type, data, headers = read_event(message)
        except (ValueError, KeyError) as error:
            # Somebody else's mistake must not stop a department; it is told and passed over.
            print(f"not understood: partition {message.partition()} offset {message.offset()}: {error!r}", file=sys.stderr)
            return
        if data.get("department", self.options.department) != self.options.department:
            return  # on a shared topic: another unit's
        with self.memory.db:
            if not self.memory.first_time(event_id):
                return
            if event_type == "org.shao.dispatch.called.v1":
                self.called(event_id, data, headers.get("traceparent"))
            elif event_type in ("org.shao.dispatch.recalled.v1", "org.shao.dispatch.closed.v1"):
                self.memory.drop(data["dispatch"])
                print(f"{event_type.split('.')[3]}: {data['dispatch']}")
            # Other types may come with later versions: pass them over.

    def called(self, call_id, call, traceparent):
        self.calls += 1
        print(f"called: {call['number']} {call.get('categoryName', call['category'])} "
              f"at {call['place']['name']} as {call['role']}")
        if self.options.dispute_every and self.calls % self.options.dispute_every == 0:
            self.say("feedback.disputed", call_id, call["dispatch"], call["ticket"], traceparent,
                     ground=self.options.ground, text="演示：不属于本单位职责")
            return
        # `by` is a code of the department's own (a-z, 0-9, colon, dot, dash, underscore), never a person's name.
        self.say("feedback.signed", call_id, call["dispatch"], call["ticket"], traceparent, by=f"department:{self.options.department}")
        self.memory.add(call_id, call, time.time() + self.options.work_seconds, traceparent)

    def finish_what_is_due(self):
        for call_id, dispatch, ticket, traceparent in self.memory.due(time.time()):
            self.say("feedback.completed", call_id, dispatch, ticket, traceparent, text="已到场处理，恢复正常。")
            with self.memory.db:
                self.memory.finish(call_id)
            self.completed += 1
            print(f"completed: {dispatch}")

    def run(self):
        stopping = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.append(True))
        try:
            while not stopping and self.completed != self.options.stop_after:
                message = self.consumer.poll(0.2)
                if message is not None and message.error():
                    if message.error().fatal():
                        raise KafkaException(message.error())
                    print(f"broker: {message.error().str()}", file=sys.stderr)
                elif message is not None:
                    self.hear(message)
                    self.consumer.commit(message, asynchronous=False)
                self.finish_what_is_due()
        finally:
            self.consumer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--department", required=True, help="the department's code, as in deploy/demo/departments.json")
    parser.add_argument("--shared", action="store_true", help="the department shares its topics: \"topic\": \"shared\" in that file")
    parser.add_argument("--bootstrap", default=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:29092"))
    parser.add_argument("--state", help="SQLite file (default: department-<code>.db here)")
    parser.add_argument("--work-seconds", type=float, default=1.0, help="how long the work takes")
    parser.add_argument("--dispute-every", type=int, default=0, metavar="N", help="dispute every Nth call")
    parser.add_argument("--ground", default="not_our_duty", help="the coded ground of a dispute")
    parser.add_argument("--stop-after", type=int, default=-1, metavar="N", help="end after N completed calls")
    parser.add_argument("-X", dest="settings", action="append", default=[], metavar="KEY=VALUE",
                        help="librdkafka setting, such as security.protocol=ssl")
    options = parser.parse_args()
    options.state = options.state or f"department-{options.department}.db"
    sys.stdout.reconfigure(line_buffering=True)
    Department(options, dict(setting.split("=", 1) for setting in options.settings)).run()


if __name__ == "__main__":
    main()
