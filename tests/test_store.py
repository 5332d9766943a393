"""Recordings on disk are whole or absent: what is damaged is set aside and named, what is half-written never counts."""

import contextlib
import hashlib
import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import pytest
import torch

from genmodels.config import UserError
from genmodels.store import Damaged, Store
from genmodels.store.store import IN_USE_SECONDS, MAX_ASIDE, REASON
from genmodels.store.writer import LOCK, SILENCE_SECONDS

NOBODY = 65534


def key_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


def begin(store, text, size=10):
    """A growing recording of the spec `text`, with everything but its manifest."""
    writer = store.writer(key_of(text))
    writer.json("spec.json", {"canonical": text})
    writer.json("status.json", {"state": "growing", "step": 3})
    writer.tensors("snapshots/00.safetensors", {"samples": torch.arange(float(size))})
    return writer


def write(store, text, size=10):
    begin(store, text, size).finish()
    return key_of(text)


def folder(store, key):
    return store.root / "runs" / key


def resign(place):
    """Make the manifest agree with the files, as one would who means harm."""
    files = [p for p in place.rglob("*") if p.is_file() and p.name != "manifest.json"]
    digests = {str(p.relative_to(place)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    (place / "manifest.json").write_text(json.dumps({"sha256": digests}))


def let_age(path, seconds):
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_what_was_written_is_read_back(store):
    key = write(store, "a")
    recording = store.find(key)
    assert (recording.key, recording.finished) == (key, True)
    assert recording.json("spec.json") == {"canonical": "a"}
    assert torch.equal(recording.tensors("snapshots/00.safetensors")["samples"], torch.arange(10.0))
    assert recording.has("status.json")
    assert not recording.has("model.safetensors")
    assert store.keys() == [key]
    assert store.find(key_of("b")) is None


def read_all(recording):
    names = [name for name in recording.checksums if name.endswith(".json")]
    return [recording.json(name) for name in names], recording.tensors("snapshots/00.safetensors")["samples"].tolist()


def flip_a_byte(place):
    file = place / "snapshots/00.safetensors"
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)


def truncate(place):
    file = place / "snapshots/00.safetensors"
    file.write_bytes(file.read_bytes()[:-1])


def name_a_path(path):
    def edit(place):
        manifest = json.loads((place / "manifest.json").read_text())
        outside = place.parent / "secret"
        outside.write_text("x")
        manifest["sha256"][path.replace("OUTSIDE", str(outside))] = hashlib.sha256(b"x").hexdigest()
        (place / "manifest.json").write_text(json.dumps(manifest))

    return edit


def manifest_is(text):
    return lambda place: (place / "manifest.json").write_text(text)


def spec_is(text):
    def edit(place):
        (place / "spec.json").write_text(text)
        resign(place)

    return edit


def status_is(text):
    def edit(place):
        (place / "status.json").write_text(text)
        resign(place)

    return edit


def become_foreign(place):
    shutil.rmtree(place)
    place.mkdir()
    (place / "holiday.jpg").write_bytes(b"\xff\xd8")


DAMAGES = {
    "one bit is flipped": (flip_a_byte, "snapshots/00.safetensors does not match its checksum"),
    "a file is cut short": (truncate, "snapshots/00.safetensors does not match its checksum"),
    "a file is gone": (lambda place: (place / "snapshots/00.safetensors").unlink(), "00.safetensors is missing"),
    "the manifest is gone": (lambda place: (place / "manifest.json").unlink(), "manifest.json is missing"),
    "the folder is another program's": (become_foreign, "manifest.json is missing"),
    "the folder is empty": (lambda place: (shutil.rmtree(place), place.mkdir()), "manifest.json is missing"),
    "the manifest is no JSON": (manifest_is("{"), "manifest.json holds no JSON object"),
    "the manifest is a list": (manifest_is("[1]"), "manifest.json holds no JSON object"),
    "the manifest lists a list": (manifest_is('{"sha256": ["spec.json"]}'), "its manifest or spec cannot be read"),
    "the manifest is no text": (lambda place: (place / "manifest.json").write_bytes(b"\xff\xfe\x00"), "holds no JSON object"),
    "the manifest is deep": (manifest_is('{"sha256": ' + "[" * 100_000), "manifest.json holds no JSON object"),
    "the manifest is empty": (manifest_is('{"sha256": {}}'), "lists no spec and no status"),
    "the manifest climbs out": (name_a_path("../secret"), "names '../secret', outside the folder"),
    "the manifest climbs out in the middle": (name_a_path("snapshots/../../secret"), "outside the folder"),
    "the manifest is absolute": (name_a_path("OUTSIDE"), "outside the folder"),
    "the manifest names a folder": (name_a_path("snapshots"), "cannot be read"),
    "the manifest names a NUL": (name_a_path("a\0b"), "cannot be read"),
    "the status is a list": (status_is("[1]"), "status.json holds no JSON object"),
    "the status is no JSON": (status_is("{"), "status.json holds no JSON object"),
    "the spec is of another key": (spec_is('{"canonical": "b"}'), "its spec belongs to another key"),
    "the spec is another thing": (spec_is("[]"), "spec.json holds no JSON object"),
    "the spec has no text": (spec_is('{"canonical": 3}'), "its manifest or spec cannot be read"),
}


@pytest.mark.parametrize("read_before", [False, True])
@pytest.mark.parametrize(("damage", "reason"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_folder_is_set_aside_and_named_and_the_run_can_be_made_again(store, damage, reason, read_before):
    key, other = write(store, "a"), write(store, "other")
    if read_before:
        read_all(store.find(key))
    damage(folder(store, key))
    assert [recording.key for recording, _ in store.specs()] == [other]
    assert store.find(key) is None
    (line,) = store.aside()
    assert line.startswith(f"{key}: ")
    assert reason in line
    assert line.endswith("set aside, it will be trained again")
    assert "\n" not in line
    assert store.keys() == [other]
    assert [p.is_dir() for p in (store.root / "aside").glob(f"{key}.*")] == [True]  # nothing is lost
    write(store, "a")
    assert store.find(key).json("status.json")["step"] == 3
    assert store.find(other)


def test_damage_is_seen_by_lists_too(store):
    key = write(store, "a")
    flip_a_byte(folder(store, key))
    assert Store(store.root).peek(key) is None
    assert len(store.aside()) == 1


def test_a_growing_folder_is_readable_and_never_counts_as_finished(store):
    key = key_of("a")
    writer = begin(store, "a")
    assert store.find(key) is None
    assert store.keys() == []
    growing = store.growing(key)
    assert (growing.key, growing.finished, growing.json("status.json")["step"]) == (key, False, 3)
    writer.finish()
    assert store.growing(key) is None
    assert store.find(key).finished


def die(writer):
    """What the kernel does when the writer's process ends."""
    os.close(writer.lock)
    writer.lock = None


def let_all_age(place, seconds):
    for path in (*place.rglob("*"), place):
        let_age(path, seconds)


@pytest.mark.parametrize("hours", [10, -10])  # hours in the future: another machine's clock
def test_a_writer_that_is_silent_for_hours_is_not_swept_and_finishes(store, hours):
    writer = begin(store, "a")
    let_all_age(writer.path, hours * 3600)
    begin(store, "b")
    Store(store.root).discard_growing(key_of("a"))
    assert store.growing(key_of("a")).json("status.json")["step"] == 3
    writer.finish()
    assert store.find(key_of("a")).finished
    assert not store.find(key_of("a")).has(LOCK)


@pytest.mark.parametrize("hours", [0, 10, -10])
def test_a_dead_writer_is_forgotten_at_once_and_swept_by_the_next(store, hours):
    writer = begin(store, "a")
    let_all_age(writer.path, hours * 3600)
    die(writer)
    assert store.growing(key_of("a")) is None
    fresh = begin(store, "b").path
    assert list((store.root / "growing").iterdir()) == [fresh]


KILLED = """
    import signal, sys
    from pathlib import Path
    from genmodels.store import Store

    writer = Store(Path(sys.argv[1])).writer("a" * 64)
    writer.json("status.json", {})
    print("writing", flush=True)
    signal.pause()
"""


def test_a_killed_process_is_a_dead_writer(store):
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(store.root)]
    with subprocess.Popen(command, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "writing\n"
        assert store.growing("a" * 64)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert store.growing("a" * 64) is None
    store.sweep()
    assert list((store.root / "growing").iterdir()) == []


@pytest.mark.parametrize(("seconds", "alive"), [(0, True), (SILENCE_SECONDS + 60, False), (-SILENCE_SECONDS - 60, False)])
def test_where_the_lock_may_not_reach_an_hours_silence_tells(store, seconds, alive):
    writer = begin(store, "a")
    (writer.path / LOCK).write_text("another machine")
    die(writer)
    let_all_age(writer.path, seconds)
    assert (store.growing(key_of("a")) is not None) == alive
    store.sweep()
    assert writer.path.exists() == alive


def test_a_writer_whose_folder_was_removed_names_the_cause_and_makes_no_half_recording(store):
    writer = begin(store, "a")
    shutil.rmtree(writer.path)
    with pytest.raises(UserError, match="was removed from the cache meanwhile"):
        writer.json("late.json", {})
    with pytest.raises(UserError, match="was removed from the cache meanwhile"):
        writer.finish()
    assert not writer.path.exists()


@contextlib.contextmanager
def limited(what, limit):
    before = resource.getrlimit(what)
    resource.setrlimit(what, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(what, before)


def test_only_want_of_space_asks_for_space(store):
    with (
        limited(resource.RLIMIT_FSIZE, 10**7),
        pytest.raises(UserError, match=r"File too large\): free some space, then try again$"),
    ):
        begin(store, "a", size=3 * 10**6)
    with limited(resource.RLIMIT_NOFILE, 3), pytest.raises(UserError, match=r"Too many open files\): try again$"):
        begin(store, "a")
    with pytest.raises(ConnectionError, match="no network"), store.writing(key_of("a")) as writer:
        raise ConnectionError("no network")
    assert not writer.path.exists()


def test_of_two_writers_of_one_key_the_first_wins_and_the_second_leaves_nothing(store):
    first, second = begin(store, "a", size=3), begin(store, "a", size=5)
    first.finish()
    second.finish()
    assert len(store.find(key_of("a")).tensors("snapshots/00.safetensors")["samples"]) == 3
    assert list((store.root / "growing").iterdir()) == []
    assert [p.name for p in (store.root / "runs").iterdir()] == [key_of("a")]


def test_a_discarded_recording_leaves_nothing(store):
    begin(store, "a").discard()
    assert list((store.root / "growing").iterdir()) == []
    assert store.find(key_of("a")) is None


def test_a_reader_never_sees_a_file_half_written(store):
    writer = begin(store, "a")
    for step in range(20):
        writer.json("status.json", {"state": "growing", "step": step})
        assert store.growing(key_of("a")).json("status.json")["step"] == step
    assert not [p for p in writer.path.rglob("*") if p.suffix == ".part"]


def test_what_is_not_json_is_never_written(store):
    writer = begin(store, "a")
    with pytest.raises(ValueError, match="JSON"):
        writer.json("status.json", {"loss": float("nan")})
    assert store.growing(key_of("a")).json("status.json")["step"] == 3


HOSTILE = {
    "empty": "",
    "climbs": "../..",
    "climbs at length": "../" * 21 + "a",
    "63 digits": "a" * 63,
    "65 digits": "a" * 65,
    "upper case": "A" * 64,
    "newline at the end": "a" * 64 + "\n",
    "newline for a digit": "a" * 63 + "\n",
    "space before": " " + "a" * 63,
    "Arabic digits": "\N{ARABIC-INDIC DIGIT ONE}" * 64,
    "full-width digits": "\N{FULLWIDTH DIGIT ONE}" * 64,
    "NUL": "a" * 63 + "\0",
    "glob": "*" * 64,
    "megabyte": "a" * 1_000_000,
}


@pytest.mark.parametrize("key", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("use", [Store.find, Store.peek, Store.growing, Store.writer, Store.delete], ids=lambda use: use.__name__)
def test_a_hostile_key_is_refused_in_one_line_before_it_touches_a_path(store, key, use):
    bystander = write(store, "a")
    before = sorted(store.root.rglob("*"))
    with pytest.raises(UserError, match=r"is no run key: a key is 64 digits 0-9a-f") as refused:
        use(store, key)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300
    assert sorted(store.root.rglob("*")) == before
    assert store.find(bystander)


def test_one_flipped_bit_in_any_file_is_never_read_whether_it_is_open_or_looked_up(store):
    text = "a"
    for name in ("spec.json", "status.json", "snapshots/00.safetensors", "manifest.json"):
        for at, bit in ((0, 0), (7, 3), (-1, 6)):
            recording = store.find(write(store, text))
            whole = read_all(recording)
            file = recording.path / name
            content = bytearray(file.read_bytes())
            content[at] ^= 1 << bit
            file.write_bytes(content)
            if name == "manifest.json":  # the files themselves are as they were
                assert read_all(recording) == whole
            else:
                with pytest.raises(Damaged, match=r"was damaged or removed while it was open: open it again to train it anew$"):
                    read_all(recording)
            assert store.find(recording.key) is None


def test_what_rots_without_a_new_time_is_seen_when_it_is_read(store):
    recording = store.find(write(store, "a"))
    file = recording.path / "snapshots/00.safetensors"
    before = file.stat()
    flip_a_byte(recording.path)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.find(recording.key)
    with pytest.raises(Damaged, match="was damaged"):
        recording.tensors("snapshots/00.safetensors")
    assert "snapshots/00.safetensors does not match" in store.aside()[0]
    assert store.find(recording.key) is None


def test_what_is_evicted_while_it_is_open_is_one_line_and_what_was_made_again_is_read(store):
    recording = store.find(write(store, "a", size=3))
    Store(store.root).delete(recording.key)
    with pytest.raises(Damaged, match="was damaged or removed while it was open"):
        recording.json("status.json")
    assert (store.find(recording.key), store.aside(), store.size()) == (None, [], 0)
    write(store, "a", size=5)
    assert len(recording.tensors("snapshots/00.safetensors")["samples"]) == 5
    assert store.aside() == []


def test_readers_meet_no_fault_while_others_write_spoil_and_evict(store):
    """Three threads with stores of their own, as processes have; what a reader gets is whole, absent or one line."""
    rounds, faults, done = 15, [], threading.Event()

    def write_and_remove():
        for i in range(rounds):
            own = Store(store.root, limit_bytes=1)
            keys = [write(own, f"{text}{i % 2}") for text in "abc"]
            with contextlib.suppress(FileNotFoundError):  # a reader has set the one spoiled before aside just now
                (folder(own, keys[0]) / "status.json").write_text("{}")
            for key in keys[1:]:
                own.delete(key)

    def read():
        own = Store(store.root)
        while not done.is_set():
            own.size(), own.aside(), own.evict()
            for recording, spec in own.specs():
                assert key_of(spec["canonical"]) == recording.key
            for text in ("a0", "b1"):
                with contextlib.suppress(UserError):
                    for recording in filter(None, (own.find(key_of(text)), own.growing(key_of(text)))):
                        assert recording.json("status.json") == {"state": "growing", "step": 3}

    def noting(work):
        try:
            work()
        except Exception as fault:
            faults.append(fault)
        finally:
            done.set()

    threads = [threading.Thread(target=noting, args=(work,)) for work in (write_and_remove, read, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_growing_recording_is_read_on_when_it_is_finished_and_is_one_line_when_it_is_discarded(store):
    writer = begin(store, "a")
    growing = store.growing(key_of("a"))
    with pytest.raises(FileNotFoundError):
        growing.json("late.json")
    writer.finish()
    assert growing.json("status.json")["step"] == 3
    other = begin(store, "b")
    growing = store.growing(key_of("b"))
    other.discard()
    with pytest.raises(Damaged, match="was damaged or removed while it was open"):
        growing.json("status.json")


def test_a_process_that_can_open_no_more_files_sets_nothing_aside(store):
    recording = store.find(write(store, "a"))
    begin(store, "b")
    growing = store.growing(key_of("b"))
    for use in (
        lambda: recording.json("spec.json"),
        lambda: growing.json("spec.json"),
        lambda: Store(store.root).find(recording.key),
    ):
        with limited(resource.RLIMIT_NOFILE, 3), pytest.raises(UserError, match=r"Too many open files\): try again$"):
            use()
    assert store.find(recording.key)
    assert store.aside() == []


def test_a_file_that_holds_no_tensors_is_one_line(store):
    writer = begin(store, "a")
    writer.json("snapshots/00.safetensors", {})
    writer.finish()
    with pytest.raises(Damaged, match=r"^snapshots/00.safetensors of recording .* holds no tensors: delete this recording$"):
        store.find(key_of("a")).tensors("snapshots/00.safetensors")


def spoil(store, text, seconds):
    """Set one recording aside, so many seconds ago; return its line."""
    before = set(store.aside())
    flip_a_byte(folder(store, write(store, text)))
    assert store.find(key_of(text)) is None
    (line,) = set(store.aside()) - before
    (place,) = (store.root / "aside").glob(f"{key_of(text)}.*")
    let_age(place, seconds)
    return line


def test_what_is_set_aside_is_bounded_in_number_and_in_bytes_the_oldest_leaving_first(store):
    lines = [spoil(store, f"a{i}", 1000 - i) for i in range(MAX_ASIDE + 2)]
    assert sorted(store.aside()) == sorted(lines[2:])
    assert len(list((store.root / "aside").iterdir())) == MAX_ASIDE
    one = sum(p.stat().st_size for p in next((store.root / "aside").iterdir()).rglob("*") if p.is_file())
    Store(store.root, limit_bytes=20 * 7 * one // 2).evict()  # three and a half fit in the twentieth part
    assert sorted(store.aside()) == sorted(lines[-3:])


def test_a_line_that_cannot_be_read_hides_no_other(store):
    line = spoil(store, "a", 0)
    (store.root / "aside" / "other").mkdir()
    (store.root / "aside" / "other" / REASON).symlink_to("nowhere")
    assert store.aside() == [line]


def test_what_is_set_aside_counts_and_leaves_before_any_run(store):
    key, line = write(store, "a", size=100_000), spoil(store, "b", 0)  # small enough for its own bound
    let_age(folder(store, key), IN_USE_SECONDS + 60)
    assert store.aside() == [line]
    assert Store(store.root, limit_bytes=store.size() - 1).evict() == []
    assert (store.aside(), store.keys()) == ([], [key])


def test_eviction_takes_the_longest_unread_first_and_only_as_many_as_needed(store):
    keys = [write(store, text, size=1000) for text in "abcd"]
    for key, hours in zip(keys, (50, 10, 40, 30), strict=True):
        let_age(folder(store, key), hours * 3600)
    one = store.size() // 4
    small = Store(store.root, limit_bytes=2 * one + one // 2)
    assert small.evict() == [keys[0], keys[2]]
    assert small.keys() == [keys[1], keys[3]]
    assert small.size() <= small.limit_bytes
    assert small.evict() == []


def test_eviction_spares_what_was_read_lately_however_full(store):
    keys = [write(store, text) for text in "abc"]
    for key in keys:
        let_age(folder(store, key), IN_USE_SECONDS + 60)
    full = Store(store.root, limit_bytes=1)
    assert full.find(keys[1])
    assert sorted(full.evict()) == sorted([keys[0], keys[2]])
    assert full.find(keys[1])


def test_listing_is_not_reading(store):
    keys = [write(store, text) for text in "ab"]
    for key, seconds in zip(keys, (8000, 9000), strict=True):
        let_age(folder(store, key), seconds)
    assert [recording.key for recording in map(store.peek, store.keys())] == keys
    assert store.keys() == keys
    assert Store(store.root, limit_bytes=1).evict() == keys[::-1]


def test_what_a_killed_process_was_removing_is_removed_by_the_next_writer(store):
    half = store.root / "removed" / "half"
    half.mkdir(parents=True)
    begin(store, "a")
    assert not half.exists()


def test_a_deleted_run_is_absent(store):
    key = write(store, "a")
    assert store.find(key)
    store.delete(key)
    assert store.find(key) is None
    assert store.size() == 0
    assert store.aside() == []


def test_other_folders_and_files_among_the_runs_are_no_keys(store):
    key = write(store, "a")
    (store.root / "runs" / "notes").mkdir()
    (store.root / "runs" / ".DS_Store").write_text("")
    assert store.keys() == [key]
    assert (store.root / "runs" / "notes").is_dir()


def test_a_file_in_a_runs_place_is_no_run(store):
    (store.root / "runs").mkdir(parents=True)
    (store.root / "runs" / key_of("a")).write_text("not a folder")
    assert store.find(key_of("a")) is None


@contextlib.contextmanager
def as_nobody():
    """Permissions do not bind root: give root's rights up for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def read_only():
    """A store with one run, in which nothing can be written."""
    root = Path(tempfile.mkdtemp(prefix="genmodels-read-only-"))
    store = Store(root / "cache")
    write(store, "a")
    broken = folder(store, write(store, "broken"))
    flip_a_byte(broken)
    places = [root, store.root, *store.root.rglob("*")]
    for place in places:
        place.chmod(stat.S_IREAD | stat.S_IRGRP | stat.S_IROTH | (0o111 if place.is_dir() else 0))
    yield Store(store.root)
    for place in places:
        place.chmod(0o755)
    shutil.rmtree(root)


def test_in_a_read_only_cache_runs_open_and_writing_is_one_clear_line(read_only):
    with as_nobody():
        assert read_only.find(key_of("a")).json("status.json")["step"] == 3
        assert read_only.find(key_of("broken")) is None
        assert len(read_only.keys()) == 2
        with pytest.raises(UserError) as refused:
            read_only.writer(key_of("b"))
        assert Store(read_only.root, limit_bytes=1).evict() == []
    assert "the cache cannot be written (Permission denied): set GENMODELS_CACHE" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_cache_that_is_a_file_is_one_clear_line(tmp_path):
    (tmp_path / "cache").write_text("")
    with pytest.raises(UserError, match="Not a directory"):
        Store(tmp_path / "cache").writer(key_of("a"))


FULL_DISK = """
    import resource, sys
    from pathlib import Path
    from genmodels import runs, store
    from genmodels.config import UserError

    here = store.Store(Path(sys.argv[1]))
    spec = runs.RunSpec.make("moons", "autoencoder", {"steps": 3})
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # Python ignores the signal: a longer file is an OSError
    try:
        runs.record(spec, here)
    except UserError as error:
        print(error)
"""


@pytest.mark.slow
def test_a_full_disk_is_one_clear_line_and_leaves_no_half_written_run(tmp_path):
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(FULL_DISK), str(tmp_path)]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=100, check=True)
    assert done.stdout.splitlines() == ["the cache cannot be written (File too large): free some space, then try again"]
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize("limit", ["", "much", "nan", "inf", "-1", "0", "1e400"])
def test_a_limit_that_is_no_number_is_one_line(limit, monkeypatch):
    monkeypatch.setenv("GENMODELS_CACHE_GB", limit)
    with pytest.raises(UserError, match=r"^GENMODELS_CACHE_GB=.* is no number of gigabytes: give for example 4$"):
        Store.from_environment()


def test_the_environment_names_the_folder_and_its_size(monkeypatch, tmp_path):
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GENMODELS_CACHE_GB", "0.5")
    store = Store.from_environment()
    assert (store.root, store.limit_bytes) == (tmp_path / "elsewhere", 2**29)
    monkeypatch.delenv("GENMODELS_CACHE")
    assert Store.from_environment().root == Path(__file__).parent.parent / "cache"
