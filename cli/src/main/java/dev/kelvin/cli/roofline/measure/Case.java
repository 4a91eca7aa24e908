// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.report.Cost;
import dev.kelvin.cli.roofline.report.Subject;
import java.util.List;

/**
 * Something that is measured.
 *
 * @param subject what
 * @param cost what a call has to do
 * @param bound how wrong an element can be at most; empty if nothing is promised
 * @param remarks what a reader must know
 * @param setup draws the operands and checks an answer; nothing is allocated before
 */
record Case(Subject subject, Cost cost, String bound, List<String> remarks, Setup setup) {
    /** Draws the operands of a case. */
    @FunctionalInterface
    interface Setup {
        /**
         * Draws the operands, computes once and checks the answer.
         *
         * @throws IllegalStateException if the answer is wrong
         * @throws Exception if a peer fails
         */
        Computation prepare() throws Exception;
    }
}
