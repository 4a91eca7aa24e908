// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.kernel.Cost;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The table that {@code ./dev costs} measures. */
class CostsTest {
    /** What only the start of a model shows. */
    private static final Set<Cost> LIMITS = EnumSet.of(Cost.COMPILATION, Cost.FIRST_PRODUCT, Cost.PLAIN_OUTPUT);

    @Test
    void eachCostHasACallThatRuns() {
        try (CostCases cases = CostCases.of(false)) {
            for (Cost cost : Cost.values()) {
                CostCases.Case work = cases.of(cost);
                assertEquals(LIMITS.contains(cost), work == null, cost::name);
                if (work != null) {
                    assertTrue(work.items() >= 1, cost::name);
                    work.call().run();
                }
            }
        }
    }

    @Test
    void aRowHasTheConstantBothTimesAndTheirRatios() {
        assertEquals("EXP 300 150.0 0.50 900.0 3.00", words(Costs.row(Cost.EXP, 150, 900)));
        assertEquals("EXP 300 - - - -", words(Costs.row(Cost.EXP, Double.NaN, Double.NaN)));
    }

    private static String words(String row) {
        return row.strip().replaceAll(" +", " ");
    }
}
