// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.sql.Timestamp;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

class RowKeyTest {
    /** FIPS 180-2, appendix B.1: SHA-256 of "abc" is ba7816bf 8f01cfea …. */
    @Test
    void aKeyIsTheBeginningOfItsHash() {
        assertEquals(0xba7816bf8f01cfeaL, RowKey.of("abc"));
    }

    @Test
    void aNumberHasTheKeyOfItsText() {
        for (Object number : new Object[] {(byte) 42, (short) 42, 42, 42L, new BigDecimal("42")}) {
            assertEquals(RowKey.of("42"), RowKey.of(number), number.getClass().toString());
        }
        assertEquals(RowKey.of("100"), RowKey.of(new BigDecimal("1E2")));
    }

    @Test
    void whatHasNoTextOfItsOwnIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> RowKey.of(null));
        assertThrows(IllegalArgumentException.class, () -> RowKey.of(1.5));
        assertThrows(IllegalArgumentException.class, () -> RowKey.of(new Timestamp(0)));
        assertTrue(RowKey.takes(DataTypes.createDecimalType(9, 2)) && RowKey.takes(DataTypes.DateType));
        assertFalse(RowKey.takes(DataTypes.TimestampType) || RowKey.takes(DataTypes.DoubleType));
    }
}
