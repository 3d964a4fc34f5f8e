package io.github.glia.benchmarks;

import io.github.glia.unet.speed.HeapBytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;
import org.openjdk.jmh.results.TextResult;
import org.openjdk.jmh.runner.IterationType;

/** Adds to each result what the time was spent on: arithmetic, bytes, garbage, implementation. */
public final class WorkProfiler implements InternalProfiler {
  static final String GIGAFLOP = "work.gigaflop";
  static final String GIGABYTE = "work.gigabyte";
  static final String HEAP = "work.heap";
  static final String IMPLEMENTATION = "work.implementation";

  private boolean told;

  @Override
  public String getDescription() {
    return "Arithmetic, bytes, heap and implementation of a call";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {}

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    Work work = KernelBenchmark.running;
    if (work == null || told || iteration.getType() != IterationType.MEASUREMENT) {
      return List.of();
    }
    told = true;
    List<Result<?>> facts = new ArrayList<>();
    facts.add(new ScalarResult(GIGAFLOP, work.flops() * 1e-9, "10^9/op", AggregationPolicy.MAX));
    facts.add(new ScalarResult(GIGABYTE, work.bytes() * 1e-9, "10^9/op", AggregationPolicy.MAX));
    double heap = HeapBytes.ofCall(work.call());
    facts.add(new ScalarResult(HEAP, heap, "B/op", AggregationPolicy.MAX));
    facts.add(new TextResult(names(work.implementations().get()), IMPLEMENTATION));
    return facts;
  }

  private static String names(Map<String, String> implementations) {
    return implementations.isEmpty()
        ? "our own"
        : implementations.entrySet().stream()
            .map(chosen -> chosen.getKey() + "=" + chosen.getValue())
            .collect(Collectors.joining(", "));
  }
}
