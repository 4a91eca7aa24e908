// SPDX-License-Identifier: Apache-2.0
/** The generation loop: a prompt goes through the model at once, then tokens are picked and appended one by one. */
package dev.kelvin.generate;
