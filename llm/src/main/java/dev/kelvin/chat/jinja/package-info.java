// SPDX-License-Identifier: Apache-2.0
/**
 * An interpreter of Jinja templates that gives, to the letter, what Jinja2 3.1 gives in the immutable sandbox that
 * Hugging Face transformers renders chat templates in: {@code trim_blocks}, {@code lstrip_blocks}, loop controls, the
 * block {@code generation}, a {@code tojson} that escapes nothing, {@code raise_exception} and {@code strftime_now}.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.chat.jinja.Template} is the door. A template is foreign input: it reaches
 * no class, file or clock of the program, and its steps, depth and output are bounded by
 * {@link dev.kelvin.chat.jinja.Limits}. What goes wrong comes out as a {@link dev.kelvin.chat.jinja.TemplateException}
 * with line and column.
 *
 * <table><caption>Python's values in Java</caption>
 * <tr><td>None</td><td>null</td></tr>
 * <tr><td>bool, float, str</td><td>Boolean, Double, String</td></tr>
 * <tr><td>int</td><td>Long where it fits, else BigInteger</td></tr>
 * <tr><td>list; tuple, range</td><td>java.util.ArrayList; Tuple, Range</td></tr>
 * <tr><td>dict</td><td>Dict</td></tr>
 * </table>
 */
package dev.kelvin.chat.jinja;
