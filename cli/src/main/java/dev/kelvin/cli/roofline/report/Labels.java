// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds places for labels, where they cover neither each other nor what was taken before. */
final class Labels {
    /** Directions around a point that are tried at each distance. */
    private static final int DIRECTIONS = 16;

    private final List<Box> taken = new ArrayList<>();
    private final Box room;

    /** @param room what no label leaves */
    Labels(Box room) {
        this.room = room;
    }

    /** A rectangle by its left upper corner. */
    record Box(double x, double y, double width, double height) {
        double centreX() {
            return x + width / 2;
        }

        double centreY() {
            return y + height / 2;
        }

        boolean meets(Box other) {
            return x < other.x + other.width
                    && other.x < x + width
                    && y < other.y + other.height
                    && other.y < y + height;
        }

        boolean inside(Box other) {
            return x >= other.x
                    && y >= other.y
                    && x + width <= other.x + other.width
                    && y + height <= other.y + other.height;
        }
    }

    /** Takes a place whatever is there. */
    void take(Box box) {
        taken.add(box);
    }

    /** Takes a place if it is free. */
    boolean takeIfFree(Box box) {
        if (!box.inside(room) || taken.stream().anyMatch(box::meets)) {
            return false;
        }
        taken.add(box);
        return true;
    }

    /** Takes the free place of a size that is nearest to a point; empty if all within {@code reach} are taken. */
    Optional<Box> near(double x, double y, double width, double height, double reach) {
        for (double distance = height; distance <= reach; distance += height / 4) {
            for (int direction = 0; direction < DIRECTIONS; direction++) {
                double angle = 2 * Math.PI * (direction + 0.5) / DIRECTIONS - Math.PI / 2;
                Box box = new Box(
                        x + distance * Math.cos(angle) - width / 2,
                        y + distance * Math.sin(angle) - height / 2,
                        width,
                        height);
                if (takeIfFree(box)) {
                    return Optional.of(box);
                }
            }
        }
        return Optional.empty();
    }
}
