"""Packs a folder into a zip file that depends on nothing but the files. usage: zip.py FOLDER FILE SECONDS-SINCE-1970"""

import pathlib
import sys
import time
import zipfile

folder, file, epoch = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
when = time.gmtime(max(epoch, 315532800))[:6]  # zip knows no time before 1980
with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            info = zipfile.ZipInfo(str(path.relative_to(folder.parent)), when)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (path.stat().st_mode & 0o777) << 16
            archive.writestr(info, path.read_bytes())
