// SPDX-License-Identifier: Apache-2.0
/**
 * What operations take besides tensors: functions, masks, tables, and the operands of calls that have many. Values;
 * they compute nothing that has an order.
 *
 * <p><b>Where to begin.</b> With the operation, in {@link dev.kelvin.ops.Compute}: its parameters lead here. The one
 * that most programs make themselves is {@link dev.kelvin.operand.Matrix}, a strided view of numbers of yours.
 */
package dev.kelvin.operand;
