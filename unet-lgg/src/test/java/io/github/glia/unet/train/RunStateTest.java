package io.github.glia.unet.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.glia.unet.evaluate.Epoch;
import io.github.glia.unet.json.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunStateTest {
  private static RunState inTheSecondEpoch() {
    RunState state = RunState.start();
    state.complete(new Epoch(1, 0.9, 0.8, 0.1, 1e-3, 7, 0.25), true, true);
    state.stepSeconds = 4;
    state.secondsWaited = 1;
    return state;
  }

  private static RunState saved(String text) {
    return RunState.fromJson(Json.parseObject(text));
  }

  @Test
  void whatAnEpochWaitedIsKeptAndBeginsAnewWithTheNext() {
    RunState state = saved(Json.write(inTheSecondEpoch().toJson()));
    assertEquals(inTheSecondEpoch().history, state.history);
    assertEquals(0.25, state.shareWaited());
    state.complete(new Epoch(2, 0.8, 0.7, 0.2, 1e-3, 6, state.shareWaited()), true, true);
    assertEquals(0, state.stepSeconds + state.secondsWaited);
  }

  @Test
  void aRunThatWasSavedBeforeWaitingWasMeasuredGoesOn() {
    Map<String, Object> json = Json.parseObject(Json.write(inTheSecondEpoch().toJson()));
    String before =
        Json.write(json)
            .replaceAll("\"(step seconds|seconds waited)\": .*,\n", "")
            .replaceAll(",\n *\"share waited\": .*\n", "\n");
    RunState state = saved(before);
    assertEquals(0, state.stepSeconds + state.secondsWaited);
    assertEquals(Double.NaN, state.history.get(0).shareWaited());
    String damaged = before.replaceAll("\"seconds\": 0,\n", "");
    assertThrows(IllegalArgumentException.class, () -> saved(damaged));
  }
}
