// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Date;
import java.time.LocalDate;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;

/**
 * Which sequence of draws is a row's: the first eight bytes of the SHA-256 of its key as text, in UTF-8. So a row has
 * its draws wherever it is computed, and rows of the same key have the same. The chance that two of n keys share theirs
 * is about n²/2⁶⁵.
 */
final class RowKey {
    private RowKey() {}

    /** Whether values of a type have one text each, whatever the time zone and the machine. */
    static boolean takes(DataType type) {
        return switch (type) {
            case StringType _, ByteType _, ShortType _, IntegerType _, LongType _ -> true;
            case DecimalType _, BooleanType _, DateType _ -> true;
            default -> false;
        };
    }

    /**
     * The sequence of a key.
     *
     * @throws IllegalArgumentException if it is null, or of no type that {@link #takes} is for
     */
    static long of(Object key) {
        return switch (key) {
            case null -> throw new IllegalArgumentException("kelvin: the row's key is null");
            case String text -> hash(text);
            case Byte _, Short _, Integer _, Long _, Boolean _, Date _, LocalDate _ -> hash(key.toString());
            case BigDecimal number -> hash(number.toPlainString());
            default ->
                throw new IllegalArgumentException(
                        "kelvin: a key is a text, a whole number, a decimal, a boolean or a date, and no "
                                + key.getClass().getSimpleName());
        };
    }

    private static long hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every JDK has it
        }
    }
}
