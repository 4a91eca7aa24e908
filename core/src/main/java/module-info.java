// SPDX-License-Identifier: Apache-2.0
/** The tensor core of Kelvin: tensors, kernels on SIMD lanes, parallel operations, and the head that picks tokens. */
module dev.kelvin.core {
    requires jdk.incubator.vector;

    exports dev.kelvin.tensor;
    exports dev.kelvin.parallel;
    // For RopeTable and AttentionCall, which the operations take, and for the name of the kernels that were chosen.
    exports dev.kelvin.kernel;
    exports dev.kelvin.ops;
    exports dev.kelvin.head;
}
