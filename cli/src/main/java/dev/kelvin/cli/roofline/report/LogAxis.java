// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A logarithmic axis.
 *
 * @param least the value at {@code begin}
 * @param most the value at {@code end}
 * @param begin its pixel
 * @param end its pixel
 */
record LogAxis(double least, double most, double begin, double end) {
    /** The pixel of a value. */
    double at(double value) {
        return begin + (end - begin) * Math.log(value / least) / Math.log(most / least);
    }

    /** The value of a pixel. */
    double value(double pixel) {
        return least * Math.pow(most / least, (pixel - begin) / (end - begin));
    }

    /** The powers of a base that lie on it. */
    List<Double> powers(double base) {
        List<Double> powers = new ArrayList<>();
        int first = (int) Math.ceil(Math.log(least) / Math.log(base) - 1e-9);
        int last = (int) Math.floor(Math.log(most) / Math.log(base) + 1e-9);
        for (int power = first; power <= last; power++) {
            powers.add(Math.pow(base, power));
        }
        return powers;
    }
}
