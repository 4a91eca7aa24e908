// SPDX-License-Identifier: Apache-2.0
/**
 * A report of {@code kelvin roofline} as values, and how it is read, written and drawn. Nothing here measures.
 *
 * <p>{@link dev.kelvin.cli.roofline.report.Report} is the whole, {@link dev.kelvin.cli.roofline.report.Roof} tells
 * which ceiling binds a result, {@link dev.kelvin.cli.roofline.report.ReportTables} has the tables that page, Markdown
 * and terminal share. Rates are in units of 10⁹ a second, times in nanoseconds, memory in bytes. No parameter is null.
 */
package dev.kelvin.cli.roofline.report;
