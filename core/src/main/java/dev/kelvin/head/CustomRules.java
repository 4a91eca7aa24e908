// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import java.util.function.IntPredicate;

/** What a {@link CustomSampler} does with candidates: checked, as it is not known here. */
final class CustomRules {
    private CustomRules() {}

    /** As {@link Candidates#keepIf}. */
    static void keepIf(Candidates candidates, IntPredicate keeps) {
        candidates.narrow();
        boolean[] stays = candidates.marks();
        boolean any = false;
        for (int i = 0; i < candidates.count(); i++) {
            stays[i] = keeps.test(i);
            any |= stays[i];
        }
        if (!any) {
            throw new IllegalArgumentException("sampling: a sampler leaves no candidate");
        }
        candidates.keepMarked();
    }

    /** As {@link Candidates#changeLogits}. */
    static void changeLogits(Candidates candidates, LogitFunction function) {
        candidates.narrow();
        boolean drops = false;
        for (int i = 0; i < candidates.count(); i++) {
            int id = candidates.id(i);
            float logit = function.of(id, candidates.scaledLogit(i));
            if (Float.isNaN(logit)) {
                throw new IllegalArgumentException("sampling: a sampler makes the logit of id " + id + " NaN");
            }
            if (logit == Float.NEGATIVE_INFINITY) {
                candidates.mask(i);
                drops = true;
            } else {
                candidates.setScaledLogit(i, logit);
            }
        }
        if (drops) {
            candidates.dropMasked("a sampler");
        }
    }
}
