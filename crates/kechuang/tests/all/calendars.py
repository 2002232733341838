"""Calendar programs as people have them: python-caldav, vdirsyncer and khal, against a house on this machine.

Given in this order: address, name, password, name of an instrument, a free hour of it (`2026-12-01T09:00`, in China),
and an empty folder. Says `all is well` at the end.
"""

import datetime
import os
import pathlib
import subprocess
import sys
import zoneinfo

import caldav
from caldav.lib import error

url, name, password, instrument, at, folder = sys.argv[1:7]
china = zoneinfo.ZoneInfo("Asia/Shanghai")
start = datetime.datetime.fromisoformat(at).replace(tzinfo=china)
hour = datetime.timedelta(hours=1)
programs = pathlib.Path(sys.executable).parent


def said(what, holds, *more):
    if not holds:
        sys.exit(f"not so: {what} {more}")
    print("so:", what)


# python-caldav: finds its way from the first address.
client = caldav.DAVClient(url=url, username=name, password=password)
mine = client.principal().calendars()
shelves = {str(one.url).rstrip("/").rsplit("/", 1)[-1]: one for one in mine}
said("one's own bookings and the instrument are found", {"bookings", instrument} <= set(shelves), sorted(shelves))
shelf = shelves[instrument]
said("it has a title", bool(shelf.get_display_name()))
before = shelf.get_objects_by_sync_token(load_objects=False)
token = before.sync_token

booked = shelf.save_event(uid="from-python", summary="Two samples", dtstart=start, dtend=start + hour)
found = shelf.search(event=True, start=start, end=start + hour)
said("what was booked is found by its time", any("from-python" in one.data for one in found), len(found))
said("and by its name", "Two samples" in shelf.event_by_uid("from-python").data)
said("not an hour before it", not any("from-python" in o.data for o in shelf.search(event=True, start=start - hour, end=start)))
said("it stands among one's own", any("from-python" in one.data for one in shelves["bookings"].events()))
changes = list(shelf.get_objects_by_sync_token(sync_token=token, load_objects=True))
said("what changed since is told", any("from-python" in (one.data or "") for one in changes), len(changes))
try:
    shelf.save_event(uid="clash", summary="Too late", dtstart=start, dtend=start + hour)
    sys.exit("not so: the same hour was booked twice")
except error.DAVError as refused:
    print("so: the same hour is refused:", str(refused)[:200].replace("\n", " "))
said("nothing of it is left", not any("clash" in one.data for one in shelf.search(event=True, start=start, end=start + hour)))
old = shelf.event_by_uid("from-python")
old.delete()
said("deleted, it is free again", not any("from-python" in o.data for o in shelf.search(event=True, start=start, end=start + hour)))

# vdirsyncer: a folder on this machine and the house, both ways.
folder = pathlib.Path(folder)
local = folder / "local" / instrument
local.mkdir(parents=True)
config = folder / "vdirsyncer.conf"
config.write_text(f"""
[general]
status_path = "{folder}/status/"
[pair both]
a = "here"
b = "house"
collections = ["{instrument}"]
[storage here]
type = "filesystem"
path = "{folder}/local/"
fileext = ".ics"
[storage house]
type = "caldav"
url = "{url}"
username = "{name}"
password = "{password}"
""")
clean = {**os.environ, "NO_PROXY": "127.0.0.1", "HOME": str(folder), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def run(program, *arguments):
    done = subprocess.run([programs / program, *arguments], env=clean, text=True, capture_output=True, input="y\ny\n")
    print(done.stdout, done.stderr)
    if done.returncode:
        sys.exit(f"{program} {arguments}: {done.returncode}")
    return done.stdout


def sync():
    run("vdirsyncer", "-c", str(config), "sync")


def utc(moment):
    return moment.astimezone(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")


run("vdirsyncer", "-c", str(config), "discover", "both")
(local / "from-folder.ics").write_text(
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:from-folder\r\nDTSTAMP:20260101T000000Z\r\n"
    f"SUMMARY:From the folder\r\nDTSTART:{utc(start)}\r\nDTEND:{utc(start + hour)}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
sync()
said("what lay in the folder is booked", "From the folder" in shelf.event_by_uid("from-folder").data)
sync()
texts = [file.read_text() for file in local.iterdir()]
said("the folder has it as the house tells it", any("from-folder" in text and "/booking/" in text for text in texts), len(texts))

# khal lists what vdirsyncer brought.
(folder / "khal.conf").write_text(f"""
[calendars]
[[instrument]]
path = {local}
type = calendar
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
default_timezone = Asia/Shanghai
local_timezone = Asia/Shanghai
[default]
default_calendar = instrument
[sqlite]
path = {folder}/khal.db
""")
listed = run("khal", "-c", str(folder / "khal.conf"), "list", start.strftime("%Y-%m-%d"), "1d", "--format", "{start-time} {title}")
said("khal lists it at its hour", f"{start:%H:%M} From the folder" in listed, listed)

# Gone from the folder, it is cancelled; new in the house, it comes into the folder.
for file in local.iterdir():
    if "from-folder" in file.read_text():
        file.unlink()
sync()
said("deleted in the folder, it is cancelled", not any("from-folder" in one.data for one in shelf.events()))
shelf.save_event(uid="from-house", summary="From the house", dtstart=start, dtend=start + hour)
sync()
said("new in the house, it comes into the folder", any("from-house" in file.read_text() for file in local.iterdir()))
print("all is well")
