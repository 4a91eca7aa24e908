// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/** The samplers that were asked for leave no token to pick: another choice of them helps, another try does not. */
public final class NoCandidateException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** Says which of them. */
    public NoCandidateException(String message) {
        super(message);
    }
}
