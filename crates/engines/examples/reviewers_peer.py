"""Assigns one folder of the bench with one peer and says how long it took, as one JSON line.

    python reviewers_peer.py NAME FOLDER [MATCHER]

NAME: ortools (min-cost flow on arrays), or simple, fairflow, fairsequence: the solvers of openreview-matcher, whose
folder is MATCHER. Seconds are processor time, building and solving.
"""
import importlib
import json
import sys
import time
import types

import numpy as np
from ortools.graph.python import min_cost_flow

name, folder = sys.argv[1], sys.argv[2]
meta = json.load(open(f"{folder}/meta.json"))
table = np.loadtxt(f"{folder}/scores.csv", delimiter=",", skiprows=1, dtype=np.int64)
papers, reviewers, demand, load = (meta[key] for key in ("papers", "reviewers", "demand", "load_max"))
paper, reviewer, score = table[:, 0], table[:, 1], table[:, 2]


class Renamed(min_cost_flow.SimpleMinCostFlow):
    """The names that OR-Tools had when the matcher was written."""

    OPTIMAL = min_cost_flow.SimpleMinCostFlow.OPTIMAL
    AddArcWithCapacityAndUnitCost = min_cost_flow.SimpleMinCostFlow.add_arc_with_capacity_and_unit_cost
    SetNodeSupply = min_cost_flow.SimpleMinCostFlow.set_node_supply
    Solve = min_cost_flow.SimpleMinCostFlow.solve
    NumArcs = min_cost_flow.SimpleMinCostFlow.num_arcs
    Flow = min_cost_flow.SimpleMinCostFlow.flow
    UnitCost = min_cost_flow.SimpleMinCostFlow.unit_cost
    Tail = min_cost_flow.SimpleMinCostFlow.tail
    Head = min_cost_flow.SimpleMinCostFlow.head


def ortools():
    flow = min_cost_flow.SimpleMinCostFlow()
    source = papers + reviewers
    flow.add_arcs_with_capacity_and_unit_cost(
        np.full(papers, source), np.arange(papers), np.full(papers, demand), np.zeros(papers, np.int64))
    first = flow.num_arcs()
    flow.add_arcs_with_capacity_and_unit_cost(paper, papers + reviewer, np.ones(len(paper), np.int64), -score)
    flow.add_arcs_with_capacity_and_unit_cost(
        papers + np.arange(reviewers), np.full(reviewers, source + 1), np.full(reviewers, load),
        np.zeros(reviewers, np.int64))
    flow.set_nodes_supplies(np.array([source, source + 1]), np.array([papers * demand, -papers * demand]))
    flow.solve()
    return flow.flows(np.arange(first, first + len(paper))) > 0


def matcher():
    old = types.ModuleType("ortools.graph.pywrapgraph")
    old.SimpleMinCostFlow = Renamed
    sys.modules["ortools.graph.pywrapgraph"] = old
    importlib.import_module("ortools.graph").pywrapgraph = old
    package = types.ModuleType("matcher_solvers")
    package.__path__ = [sys.argv[3] + "/matcher/solvers"]
    sys.modules["matcher_solvers"] = package
    file, kind = {"simple": ("simple_solver", "SimpleSolver"), "fairflow": ("fairflow", "FairFlow"),
                  "fairsequence": ("fairsequence", "FairSequence")}[name]
    solver = getattr(importlib.import_module("matcher_solvers." + file), kind)
    cost = np.zeros((papers, reviewers))
    cost[paper, reviewer] = -score
    constraint = np.where(cost == 0, -1, 0)
    encoder = types.SimpleNamespace(
        cost_matrix=cost, constraint_matrix=constraint, prob_limit_matrix=np.ones(cost.shape),
        aggregate_score_matrix=-cost / 1000.0)
    start = time.process_time()
    if name == "simple":
        made = solver([load] * reviewers, [demand] * papers, cost, constraint, strict=False)
    else:
        made = solver([0] * reviewers, [load] * reviewers, [demand] * papers, encoder)
    taken = np.asarray(made.solve())[paper, reviewer] > 0.5
    return taken, time.process_time() - start


if name == "ortools":
    begun = time.process_time()
    chosen = ortools()
    seconds = time.process_time() - begun
else:
    chosen, seconds = matcher()
served = np.bincount(paper[chosen], weights=score[chosen], minlength=papers)
short = int((np.bincount(paper[chosen], minlength=papers) < demand).sum())
print(json.dumps({"engine": name, "seconds": round(seconds, 4), "value": int(score[chosen].sum()),
                  "worst": int(served.min()), "short": short}))
