// SPDX-License-Identifier: Apache-2.0
/** The tensor core of Kelvin: tensors, kernels on SIMD lanes, parallel operations, and the head that picks tokens. */
module dev.kelvin.core {
    requires jdk.incubator.vector;

    exports dev.kelvin.tensor;
    exports dev.kelvin.blas;
    exports dev.kelvin.operand;
    exports dev.kelvin.parallel;
    exports dev.kelvin.ops;
    exports dev.kelvin.head;
}
