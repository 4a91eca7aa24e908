// SPDX-License-Identifier: Apache-2.0
/** Which kernels serve: lanes, plain loops, or plain loops until lanes are compiled. */
package dev.kelvin.kernel.provider;
