"""The embedded store's tables and how its file is opened, for writing and for reading. No queries but these.

One writer (the teller, owner of the files) and readers that may not write: the page (another user
in the file's group) and a person's terminal. A WAL database can be read without write access since
SQLite 3.22 as long as its -wal and -shm are there (sqlite.org/wal.html#readonly); a clean close
deletes both, and then the file alone is whole and `immutable` reads it. So the group needs r and
nothing more, and a subverted page cannot damage the store or the writer's shared memory.
"""

import contextlib
import os
import sqlite3
from dataclasses import fields
from pathlib import Path
from typing import Final
from urllib.parse import quote

from hexr_autoinst.errors import StateUnwritable
from hexr_autoinst.export.reading import SpanRow

VERSION: Final = 1
STORE_FILE: Final = "store/spans.db"  # below the state folder
FILE_MODE: Final = 0o640
PAGE_SIZE: Final = 4096
# A reader that cannot lock at once is behind a checkpoint of a few milliseconds.
BUSY_S: Final = 2.0
# A checkpoint is due at this size, and cuts the WAL back to it; it counts to the size bound.
WAL_LIMIT: Final = 1 << 20

# What a row is read as, less what it is numbered by and what is read from its attributes; links, events, scope and
# schema are its column `more`.
_MORE: Final = {"links", "events", "scope", "schema"}
_READ: Final = {"peer", "title"}
SPAN_COLUMNS: Final = (*(f.name for f in fields(SpanRow) if f.name not in {"seq", *_MORE, *_READ}), "more")
_SCHEMA: Final = """
CREATE TABLE spans (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  trace_id TEXT NOT NULL, span_id TEXT NOT NULL, parent_id TEXT,
  name TEXT NOT NULL, kind TEXT NOT NULL,
  agent TEXT NOT NULL, tenant TEXT NOT NULL,
  start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL,
  status TEXT NOT NULL, status_text TEXT NOT NULL,
  operation TEXT, model TEXT, provider TEXT, tool TEXT,
  input_tokens INTEGER, output_tokens INTEGER, first_chunk_s REAL, finish TEXT, error_type TEXT,
  boundary TEXT, source TEXT, complete INTEGER NOT NULL,
  attributes TEXT NOT NULL, resource INTEGER NOT NULL, more TEXT NOT NULL
);
CREATE UNIQUE INDEX spans_id ON spans (trace_id, span_id);
CREATE INDEX spans_end ON spans (end_ns);
CREATE INDEX spans_resource ON spans (resource);
-- Spans of one agent share a resource: it is kept once.
CREATE TABLE resources (id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE);
CREATE TABLE traces (
  trace_id TEXT PRIMARY KEY, began INTEGER NOT NULL, ended INTEGER NOT NULL,
  agent TEXT NOT NULL, tenant TEXT NOT NULL, models TEXT NOT NULL, name TEXT NOT NULL,
  rooted INTEGER NOT NULL, spans INTEGER NOT NULL, calls INTEGER NOT NULL, tools INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, first_chunk_s REAL,
  errors INTEGER NOT NULL, failed INTEGER NOT NULL, error_type TEXT, incomplete INTEGER NOT NULL
);
CREATE INDEX traces_ended ON traces (ended);
CREATE TABLE agents (
  agent TEXT NOT NULL, tenant TEXT NOT NULL, framework TEXT NOT NULL, instance TEXT NOT NULL,
  first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,
  calls INTEGER NOT NULL, tools INTEGER NOT NULL, errors INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
  PRIMARY KEY (agent, tenant)
) WITHOUT ROWID;
CREATE TABLE health (name TEXT PRIMARY KEY, at INTEGER NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;
"""


def writer(path: Path) -> sqlite3.Connection:
    """The store, made when absent. A file that is broken or of another version is set aside, never deleted."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_private(path)
        try:
            return _opened(path)
        except _Unusable:
            set_aside(path)
            _make_private(path)
            return _opened(path)
    except (OSError, sqlite3.Error, _Unusable) as error:
        raise StateUnwritable(path=path.parent, detail=error, key="state_dir") from None


class _Unusable(Exception):
    """The file is no store of this version."""


def set_aside(path: Path) -> Path:
    """Keep an unusable store under another name (one is kept) and make room for a new one."""
    aside = path.with_name(f"{path.name}.aside")
    path.replace(aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            # A foreign -wal beside a new database would be replayed into it.
            path.with_name(path.name + suffix).unlink()
    return aside


def _make_private(path: Path) -> None:
    # SQLite gives -wal and -shm the mode of the main file, so it is made first, with the right one.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    try:
        os.fchmod(handle, FILE_MODE)
    finally:
        os.close(handle)


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        db.execute(f"PRAGMA page_size={PAGE_SIZE}")
        db.execute("PRAGMA auto_vacuum=INCREMENTAL")  # only before the first table
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")  # kill -9 loses nothing; a power cut the last moments
        db.execute(f"PRAGMA journal_size_limit={WAL_LIMIT}")
        db.execute(f"PRAGMA wal_autocheckpoint={WAL_LIMIT // PAGE_SIZE}")
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        if version == 0:
            db.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version={VERSION};COMMIT;")
        elif version != VERSION:
            raise _Unusable(f"version {version}")
        db.execute("SELECT count(*) FROM traces WHERE began = 0").fetchone()
    except (sqlite3.DatabaseError, _Unusable) as error:
        db.close()
        if isinstance(error, sqlite3.OperationalError):
            raise  # locked, read-only, disk full: the file itself is not to blame
        raise _Unusable(str(error)) from error
    return db


def reader(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing, not even shared memory. FileNotFoundError, PermissionError, sqlite3.Error."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # SQLite says "unable to open" for every reason
    os.close(handle)
    options = "mode=ro&readonly_shm=1" if has_wal(path) else "mode=ro&immutable=1"
    return sqlite3.connect(
        f"file:{quote(str(path))}?{options}",
        uri=True,
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )


def has_wal(path: Path) -> bool:
    """Whether a writer has the store open, or died with it open. False also where we may not look."""
    try:
        return path.with_name(f"{path.name}-wal").exists()
    except PermissionError:
        return False


def size(db: sqlite3.Connection) -> int:
    """Bytes in use in the main file: its pages less the free ones."""
    pages, free = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count")
    )
    return (pages - free) * PAGE_SIZE
