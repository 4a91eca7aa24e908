// SPDX-License-Identifier: Apache-2.0
/**
 * What operations take besides tensors: functions, masks, tables, and the operands of calls that have many. Values;
 * they compute nothing that has an order.
 */
package dev.kelvin.operand;
