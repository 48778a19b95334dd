# SPDX-License-Identifier: MIT
"""metrics.py: reads Prometheus text with Prometheus's own parser and prints `name{labels} value`

Fails on whatever a scrape would refuse, on a family without a type or a help text, on a series that
stands there twice, and on a histogram whose buckets do not add up.
"""
import sys
from prometheus_client.parser import text_string_to_metric_families

text = sys.stdin.read()
seen = set()
for family in text_string_to_metric_families(text):
    assert family.type in ("counter", "gauge", "histogram"), f"{family.name} is of type {family.type}"
    assert family.documentation, f"{family.name} has no help"
    last = {}
    for sample in family.samples:
        labels = ",".join(f'{key}="{value}"' for key, value in sorted(sample.labels.items()))
        name = f"{sample.name}{{{labels}}}" if labels else sample.name
        assert name not in seen, f"{name} stands there twice"
        seen.add(name)
        assert sample.value >= 0 or "_difference_" in name, f"{name} is negative"
        if sample.name.endswith("_bucket"):
            key = tuple(sorted((k, v) for k, v in sample.labels.items() if k != "le"))
            assert sample.value >= last.get(key, 0), f"{name} is less than the bucket before it"
            last[key] = sample.value
        if family.type == "histogram" and sample.name.endswith("_count"):
            key = tuple(sorted(sample.labels.items()))
            assert sample.value == last[key], f"{name} is not the last bucket"
        print(f"{name} {sample.value:.10g}")
assert seen, "there is nothing"
