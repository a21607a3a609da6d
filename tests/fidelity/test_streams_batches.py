"""Mappings of streams: starting positions, batches, order, filters, windows, pausing."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.stream_sources import SHOW, WORK, Stream, Table, batches, events, result

MAPPING = f"{sources.GUIDE}invocation-eventsourcemapping.html"
TABLES = f"{sources.GUIDE}with-ddb.html"
KINESIS = f"{sources.GUIDE}with-kinesis.html"
WINDOWS = f"{sources.GUIDE}services-ddb-windows.html"

pytestmark = pytest.mark.aws_source(MAPPING)


@pytest.mark.aws_source(f"{sources.API}API_CreateEventSourceMapping.html")
def test_starting_positions(aws: Any, make: Any) -> None:
    """All that is there, or what comes from now on; two mappings do not take from each other."""
    everything, news = make(WORK), make(WORK)
    table = Table(aws)
    table.put("a", "b", "c")
    table.feeds(everything, BatchSize=2)
    table.feeds(news, StartingPosition="LATEST")
    table.put("d")
    assert batches(news, 1) == [["d"]]
    got = batches(everything, 2)
    assert got[0] == ["a", "b"]
    aws.wait_until(lambda: list(itertools.chain(*batches(everything, 2))) == ["a", "b", "c", "d"])


@pytest.mark.aws_source(TABLES)
def test_first_delivery_is_quick(aws: Any, make: Any) -> None:
    """Nobody polls: a record that comes wakes its mapping. AWS looks four times a second."""
    function, table = make(SHOW), Table(aws)
    table.feeds(function)
    table.put("warm")
    events(function)
    delays = []
    for number in range(5):
        table.put(f"order {number}")
        written = time.time()
        events(function, number + 2)
        delays.append(time.time() - written)
    assert min(delays) < 0.2


def test_batching_window(aws: Any, make: Any) -> None:
    """Records are collected until the batch is full or the window has passed, on the clock."""
    function, table = make(WORK), Table(aws)
    table.feeds(function, BatchSize=3, MaximumBatchingWindowInSeconds=60)
    table.put("a", "b", "c", "d")
    assert batches(function, 1) == [["a", "b", "c"]]
    time.sleep(0.3)
    table.put("e")
    assert batches(function, 1) == [["a", "b", "c"]]
    aws.clock.advance(seconds=61)
    assert batches(function, 2)[1:] == [["d", "e"]]


@pytest.mark.aws_source(f"{sources.GUIDE}gettingstarted-limits.html")
def test_a_batch_ends_at_6_megabytes(aws: Any, make: Any) -> None:
    sizes = "def handler(event, context): print('SIZE', len(event['Records']))"
    function, table = make(sizes), Table(aws, "NEW_IMAGE")
    for number in range(20):
        table.put(f"photo {number}", data={"S": "x" * 390_000})
    table.feeds(function)
    function.wait_for_log("SIZE", times=2)
    lines = [one for one in function.log_events() if one.startswith("SIZE")]
    assert [int(one.split()[1]) for one in lines] == [16, 4]


@pytest.mark.aws_source(KINESIS)
def test_order_and_parallel_lanes(aws: Any, make: Any) -> None:
    """With ParallelizationFactor batches of one shard run at once; each key stays in order."""
    function = make(
        """
        import json, time
        def handler(event, context):
            begin = time.time()
            time.sleep(0.15)
            keys = [record["dynamodb"]["NewImage"] for record in event["Records"]]
            print("RAN", json.dumps([begin, time.time(), [
                (image["id"]["S"], int(image["n"]["N"])) for image in keys]]))
        """
    )
    table = Table(aws)
    names = "abcdefghijkl"
    for number in range(3):
        for name in names:
            table.put(name, n={"N": str(number)})
    table.feeds(function, ParallelizationFactor=4, BatchSize=5)

    def runs() -> list[Any]:
        lines = function.wait_for_log("RAN")
        return [json.loads(one[4:]) for one in lines if one.startswith("RAN")]

    aws.wait_until(lambda: sum(len(run[2]) for run in runs()) == 36, what="all are processed")
    ran = sorted(runs())
    for name in names:
        assert [n for run in ran for key, n in run[2] if key == name] == [0, 1, 2]
    assert any(one[1] > other[0] for one, other in itertools.pairwise(ran))


@pytest.mark.aws_source(
    f"{sources.GUIDE}with-ddb-filtering.html", f"{sources.GUIDE}with-kinesis-filtering.html"
)
def test_filters(aws: Any, make: Any) -> None:
    """What does not match is passed over; Kinesis patterns look into the decoded data."""
    function, table, stream = make(WORK), Table(aws), Stream(aws)
    made = {"Pattern": '{"dynamodb": {"NewImage": {"size": {"S": ["A4"]}}}}'}
    gone = {"Pattern": '{"eventName": ["REMOVE"]}'}
    table.feeds(function, FilterCriteria={"Filters": [made, gone]})
    table.put("a", size={"S": "A4"})
    table.put("b", size={"S": "A5"})
    assert batches(function, 1) == [["a"]]
    table.delete("b")
    assert batches(function, 2)[1] == ["b"]
    wanted = {"Pattern": '{"data": {"size": [{"prefix": "A"}], "n": [{"numeric": [">", 1]}]}}'}
    stream.feeds(function, FilterCriteria={"Filters": [wanted]})
    records = ['{"size": "A4", "n": 1}', "no json", '{"size": "B4", "n": 2}', '{"size": "A4"}']
    stream.put(*records, '{"size": "A4", "n": 2}')
    assert batches(function, 3)[2] == ['{"size": "A4", "n": 2}']


def test_disabled_enabled_and_deleted(aws: Any, make: Any, refused: Any) -> None:
    """A mapping that is enabled again goes on where it stopped; a deleted one is over."""
    function, table = make(WORK), Table(aws)
    client = function.client
    uuid = table.feeds(function)
    assert result(function, uuid) == "No records processed"
    table.put("a")
    assert batches(function, 1) == [["a"]]
    aws.wait_until(lambda: result(function, uuid) == "OK")
    assert client.update_event_source_mapping(UUID=uuid, Enabled=False)["State"] == "Disabling"
    assert client.get_event_source_mapping(UUID=uuid)["State"] == "Disabled"
    table.put("b", "c")
    assert client.update_event_source_mapping(UUID=uuid, Enabled=True)["State"] == "Enabling"
    assert batches(function, 2) == [["a"], ["b", "c"]]
    assert client.update_event_source_mapping(UUID=uuid, BatchSize=1)["State"] == "Updating"
    table.put("d", "e")
    assert batches(function, 4)[2:] == [["d"], ["e"]]
    client.delete_event_source_mapping(UUID=uuid)
    table.put("f")
    assert refused(client.get_event_source_mapping, UUID=uuid)[0] == "ResourceNotFoundException"
    table.feeds(function, StartingPosition="TRIM_HORIZON", BatchSize=10)
    assert batches(function, 5)[4:] == [["a", "b", "c", "d", "e", "f"]]


@pytest.mark.aws_source(f"{sources.API}API_DeleteFunction.html")
def test_the_mapping_outlives_its_function(aws: Any, make: Any) -> None:
    """Deleting a function deletes no mapping; records wait for another of that name."""
    function, table = make(WORK), Table(aws)
    uuid = table.feeds(function)
    function.client.delete_function(FunctionName=function.name)
    table.put("a")
    aws.wait_until(lambda: "not found" in result(function, uuid))
    again = make(SHOW, FunctionName=function.name)
    aws.clock.advance(minutes=1)
    assert events(again)[0]["Records"][0]["dynamodb"]["Keys"] == {"id": {"S": "a"}}


SUM = """
import itertools
import json
def handler(event, context):
    state = event["state"]
    for record in event["Records"]:
        state["sum"] = state.get("sum", 0) + int(record["dynamodb"]["NewImage"]["n"]["N"])
    event["Records"] = len(event["Records"])
    print("EVENT", json.dumps(event))
    return {"state": state}
"""


@pytest.mark.aws_source(WINDOWS)
def test_tumbling_windows(aws: Any, make: Any) -> None:
    """A state travels through the batches of a window, and a last invocation gets its sum."""
    function, table = make(SUM), Table(aws)
    now = aws.clock.now().timestamp()
    aws.clock.advance(seconds=120 - now % 120)  # the beginning of a window
    table.feeds(function, BatchSize=2, TumblingWindowInSeconds=120)
    for number in range(1, 4):
        table.put(str(number), n={"N": str(number)})
    running = events(function, 2)
    assert all(not event["isFinalInvokeForWindow"] for event in running)
    aws.clock.advance(seconds=121)
    table.put("4", n={"N": "4"})
    seen = events(function, 4)
    final = next(event for event in seen if event["isFinalInvokeForWindow"])
    assert final["Records"] == 0
    assert final["state"] == {"sum": 6}
    assert final["isWindowTerminatedEarly"] is False
    assert final["eventSourceARN"] == table.arn
    assert final["shardId"].startswith("shardId-")
    begin = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((now // 120 + 1) * 120))
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((now // 120 + 2) * 120))
    assert final["window"] == {"start": begin, "end": end}
    assert seen[-1]["state"] == {"sum": 4}  # the handler added to the empty state of a new window
    assert seen[-1]["window"]["start"] == end


@pytest.mark.aws_source(WINDOWS)
def test_a_window_needs_a_state(aws: Any, make: Any) -> None:
    """A result without ``state`` is a failed invocation."""
    function, table = make(WORK), Table(aws)
    uuid = table.feeds(function, TumblingWindowInSeconds=900, MaximumRetryAttempts=0)
    table.put("a")
    batches(function, 1)
    aws.wait_until(lambda: result(function, uuid) == "PROBLEM: Function call failed")


@pytest.mark.aws_source(f"{sources.GUIDE}invocation-recursion.html")
def test_loops_through_a_table_are_not_stopped(aws: Any, make: Any) -> None:
    """Lambda looks for loops through SQS, SNS, S3 and functions, not through streams."""
    function = make(
        """
        import boto3
        table = boto3.client("dynamodb")
        def handler(event, context):
            for record in event["Records"]:
                n = int(record["dynamodb"]["NewImage"]["n"]["N"])
                print("TURN", n)
                if n < 20:
                    name = record["eventSourceARN"].split("/")[1]
                    item = {"id": {"S": "loop"}, "n": {"N": str(n + 1)}}
                    table.put_item(TableName=name, Item=item)
        """,
        Timeout=20,
    )
    table = Table(aws)
    table.feeds(function)
    table.put("loop", n={"N": "1"})
    assert "TURN 20\n" in function.wait_for_log("TURN", times=20)
