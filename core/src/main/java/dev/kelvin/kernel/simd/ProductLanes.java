// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.ProductKernels;
import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;

/** Products with weights: which loops serve which type and how many rows. */
final class ProductLanes implements ProductKernels {
    private final HeapGemm heapGemm = new HeapGemm();
    private final MappedGemm mappedGemm = new MappedGemm();
    private final F16Gemv f16Gemv = new F16Gemv();
    private final Bf16Gemv bf16Gemv = new Bf16Gemv();
    private final DecodedGemm decodedGemm = new DecodedGemm();
    private final MXFP4Row mxfp4Row = new MXFP4Row();
    private final Q8_0Gemm q80Gemm = new Q8_0Gemm();
    private final PackedGemv packedGemv = new PackedGemv();
    private final PackedGemm packedGemm = new PackedGemm();

    @Override
    public void gemm(HeapTensor x, HeapTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        heapGemm.run(x, w, y, rowBegin, rowEnd);
    }

    @Override
    public void gemm(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        switch (w.dtype()) {
            case F32 -> mappedGemm.run(x, w, y, rowBegin, rowEnd);
            case F16 -> {
                if (x.rows() == 1) {
                    f16Gemv.run(x, w, y, rowBegin, rowEnd);
                } else {
                    decodedGemm.run(x, w, y, rowBegin, rowEnd);
                }
            }
            case BF16 -> {
                if (x.rows() == 1) {
                    bf16Gemv.run(x, w, y, rowBegin, rowEnd);
                } else {
                    decodedGemm.run(x, w, y, rowBegin, rowEnd);
                }
            }
            case Q8_0 -> q80Gemm.run(x, w, y, rowBegin, rowEnd);
            default -> {
                if (x.rows() == 1 && MXFP4Row.isSupported(w.dtype())) {
                    mxfp4Row.run(x, w, y, rowBegin, rowEnd);
                } else {
                    decodedGemm.run(x, w, y, rowBegin, rowEnd);
                }
            }
        }
    }

    @Override
    public void quantize(HeapTensor x, QuantizedRows to, int rowBegin, int rowEnd) {
        ActivationCodes.quantize(x, to, rowBegin, rowEnd);
    }

    @Override
    public void gemm(QuantizedRows x, PackedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        if (x.isFew()) {
            packedGemv.run(x, w, y, rowBegin, rowEnd);
        } else {
            packedGemm.run(x, w, y, rowBegin, rowEnd);
        }
    }
}
