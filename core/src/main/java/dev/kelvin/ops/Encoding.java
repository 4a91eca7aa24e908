// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.BlockFormat;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.RowDecoder;
import java.util.concurrent.atomic.AtomicLong;

/** Rows of a tensor in the blocks of another type, split over rows. */
final class Encoding implements RangeTask {
    private final Team team;
    private final RowDecoder[] decoders;
    private final float[][] rows;
    private final AtomicLong firstUnfit = new AtomicLong();
    private MappedTensor from;
    private int rowBegin;
    private DType type;
    private byte[] to;

    Encoding(Team team) {
        this.team = team;
        decoders = new RowDecoder[team.threads()];
        rows = new float[team.threads()][];
    }

    long apply(MappedTensor from, int rowBegin, int rowEnd, DType type, byte[] to) {
        Require.countable("encode", "from", from);
        if (rowBegin < 0 || rowEnd < rowBegin || rowEnd > from.rows()) {
            throw new IllegalArgumentException("encode: rows [" + rowBegin + ", " + rowEnd + ") are not in the "
                    + from.rows() + " of from " + from.shape());
        }
        if (!from.dtype().isDecodable() || !type.isEncodable() || from.columns() % type.blockSize() != 0) {
            throw new IllegalArgumentException("encode: from " + from + " cannot become " + type + " " + from.shape());
        }
        if (type.byteSize((long) (rowEnd - rowBegin) * from.columns()) > to.length) {
            throw new IllegalArgumentException("encode: " + (rowEnd - rowBegin) + " rows of " + type + " "
                    + from.shape() + " do not fit into " + to.length + " bytes");
        }
        team.requireAccess("encode", "from", from);
        this.from = from;
        this.rowBegin = rowBegin;
        this.type = type;
        this.to = to;
        firstUnfit.set(Long.MAX_VALUE);
        try {
            team.run(rowEnd - rowBegin, Team.saturatedProduct(Cost.ENCODE.picos(), from.columns()), 1, this);
        } finally {
            this.from = null;
            this.to = null;
        }
        return firstUnfit.get() == Long.MAX_VALUE ? -1 : firstUnfit.get();
    }

    @Override
    public void run(int worker, int begin, int end) {
        int columns = from.columns();
        if (decoders[worker] == null) {
            decoders[worker] = new RowDecoder();
        }
        if (rows[worker] == null || rows[worker].length < columns) {
            rows[worker] = new float[columns];
        }
        float[] row = rows[worker];
        BlockFormat format = type.format();
        int rowBytes = Math.toIntExact(type.byteSize(columns));
        for (int n = begin; n < end; n++) {
            decoders[worker].decode(from, rowBegin + n, row, 0);
            int unfit = firstUnfit(row, columns, format.largest());
            if (unfit >= 0) {
                firstUnfit.accumulateAndGet((long) (rowBegin + n) * columns + unfit, Math::min);
            }
            format.encode(row, 0, to, n * rowBytes, columns);
        }
    }

    private static int firstUnfit(float[] row, int columns, float largest) {
        for (int k = 0; k < columns; k++) {
            if (!(Math.abs(row[k]) <= largest)) {
                return k;
            }
        }
        return -1;
    }
}
