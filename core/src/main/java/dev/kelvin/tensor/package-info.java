// SPDX-License-Identifier: Apache-2.0
/** What numbers are and where they lie: element types, shapes, tensors on the heap and in mapped files. */
package dev.kelvin.tensor;
