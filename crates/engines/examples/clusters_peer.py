"""The peers of clusters_bench: scikit-learn (haversine, ball tree) and the `dbscan` package (grid), one thread.

    clusters_peer.py POINTS.csv ENGINE COUNT KM LEAST LABELS.txt
"""
import json
import os
import sys
import time

os.environ["PARLAY_NUM_THREADS"] = "1"
import numpy as np

points, engine, count, km, least, labels = sys.argv[1:7]
count, km, least = int(count), float(km), int(least)
EARTH = 6371.0088
x = np.radians(np.loadtxt(points, delimiter=",", skiprows=1, max_rows=count))
if engine == "grid":
    import dbscan as package

    lat, lon = x[:, 0], x[:, 1]
    xyz = np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
    t = time.process_time()
    found, is_core = package.DBSCAN(xyz, eps=2 * np.sin(km / EARTH / 2), min_samples=least)
    t = time.process_time() - t
    is_core = np.asarray(is_core).astype(bool)
    version = "dbscan 1.0.0"
else:
    import sklearn
    from sklearn.cluster import DBSCAN

    t = time.process_time()
    model = DBSCAN(eps=km / EARTH, min_samples=least, metric="haversine", algorithm="ball_tree").fit(x)
    t = time.process_time() - t
    found = model.labels_
    is_core = np.zeros(len(x), bool)
    is_core[model.core_sample_indices_] = True
    version = f"scikit-learn {sklearn.__version__}"
np.savetxt(labels, np.column_stack((found, is_core)), fmt="%d")
print(json.dumps(dict(s=t, clusters=int(found.max() + 1), cores=int(is_core.sum()), noise=int((found < 0).sum()), version=version)))
