// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.io.Serializable;

/**
 * What is taken from a row and added to it, besides its text.
 *
 * @param key the column of keys; null for the text itself
 * @param output the name of the new column; null for that of the operation
 * @param errors what becomes of rows that cannot be taken
 */
record RowSpec(String key, String output, ErrorPolicy errors) implements Serializable {}
