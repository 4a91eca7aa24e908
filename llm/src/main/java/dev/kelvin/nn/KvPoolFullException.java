// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

/** A pool has no room for what a batch needs. Nothing has changed; there is room again once sequences are closed. */
public final class KvPoolFullException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    KvPoolFullException(String message) {
        super(message);
    }
}
