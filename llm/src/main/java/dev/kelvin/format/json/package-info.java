// SPDX-License-Identifier: Apache-2.0
/**
 * JSON (RFC 8259) as plain Java values.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.format.json.JsonReader} reads them,
 * {@link dev.kelvin.format.json.JsonWriter} writes them.
 *
 * <table><caption>What stands for what</caption>
 * <tr><th>JSON</th><th>Java</th></tr>
 * <tr><td>object</td><td>{@link java.util.Map} from {@link java.lang.String}, in the order of the text</td></tr>
 * <tr><td>array</td><td>{@link java.util.List}</td></tr>
 * <tr><td>string</td><td>{@link java.lang.String}; an escaped lone surrogate is kept</td></tr>
 * <tr><td>number without fraction and exponent</td><td>{@link java.lang.Long}, or {@link java.math.BigInteger} if it
 * does not fit</td></tr>
 * <tr><td>any other number</td><td>{@link java.math.BigDecimal} of exactly that value and scale; a negative zero, which
 * that class lacks, is the {@link java.lang.Double} −0.0</td></tr>
 * <tr><td>true, false, null</td><td>{@link java.lang.Boolean}, null</td></tr>
 * </table>
 *
 * <p>Maps and lists that were read cannot be changed. Everything here may be used from any thread.
 */
package dev.kelvin.format.json;
