// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/**
 * What a task does with its rows.
 *
 * @param text the index of the column of texts
 * @param key the index of the column of keys, which may be that of texts
 */
record RowWork(Operation operation, int text, int key, KelvinOptions options)
        implements MapPartitionsFunction<Row, Row> {
    /** The dataset and what the operation makes of a column, see {@link Kelvin#generate}. */
    static Dataset<Row> append(Dataset<?> dataset, String column, Operation operation, KelvinOptions options) {
        StructType schema = dataset.schema();
        int text = index(schema, column);
        require(type(schema, text) instanceof StringType, "the column " + column + " holds no texts");
        String keyColumn = options.rows().key();
        int key = keyColumn == null || !operation.draws() ? text : index(schema, keyColumn);
        require(
                RowKey.takes(type(schema, key)),
                "the column " + keyColumn + " holds no keys: texts, whole numbers, decimals, booleans or dates;"
                        + " cast it to one of them");
        String output = options.rows().output() == null
                ? operation.column()
                : options.rows().output();
        StructType wider = added(schema, output, operation.type());
        if (options.rows().errors() == ErrorPolicy.COLUMN) {
            wider = added(wider, output + "_error", DataTypes.StringType);
        }
        return dataset.toDF().mapPartitions(new RowWork(operation, text, key, options), Encoders.row(wider));
    }

    private static int index(StructType schema, String column) {
        List<String> names = Arrays.asList(schema.fieldNames());
        int index = names.indexOf(column);
        require(index >= 0, "there is no column " + column + " among " + names);
        return index;
    }

    private static DataType type(StructType schema, int index) {
        return schema.fields()[index].dataType();
    }

    private static StructType added(StructType schema, String column, DataType type) {
        require(!Arrays.asList(schema.fieldNames()).contains(column), "there is a column " + column + " already");
        return schema.add(column, type, true);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException("kelvin: " + what);
        }
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) throws IOException {
        if (!rows.hasNext()) {
            return Collections.emptyIterator(); // no model is opened for nothing
        }
        SharedModels.Lease lease = SharedModels.HERE.lease(options.model());
        try {
            TextWork work = operation.ready(lease.model(), options.answer());
            RowWindow window = new RowWindow(
                    rows,
                    row -> begin(row, work),
                    options.model().rowsAtOnce(),
                    options.rows().errors(),
                    lease::close);
            // A task that fails, is killed or wants no more rows never asks for the last.
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) _ -> window.close());
            return window;
        } catch (RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }

    private Pending begin(Row row, TextWork work) {
        if (row.isNullAt(text)) {
            return Pending.of(null);
        }
        return work.begin(row.getString(text), operation.draws() ? RowKey.of(row.get(key)) : 0);
    }
}
