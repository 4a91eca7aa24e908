// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.ModelFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.module.ModuleDescriptor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What the bytes of an answer depend on besides its request: engines with equal fingerprints give equal answers to
 * equal requests, seed included.
 *
 * @param model 16 hexadecimal digits of the SHA-256 of the model's metadata and of the CRC-32C of each tensor
 * @param engine the version of Kelvin
 * @param contextLength the context that the model was loaded with, by which some scale their rotations
 * @param kvType what keys and values are kept in
 */
public record EngineFingerprint(String model, String engine, int contextLength, DType kvType) {
    private static final int DIGITS = 16;
    private static final long PIECE = 1 << 30;

    /**
     * The fingerprint of a model that is open. Reads every byte of its tensors, at the speed of memory or of the disk.
     *
     * @throws IOException if the file cannot be read
     */
    public static EngineFingerprint of(ModelFile file, int contextLength, DType kvType) throws IOException {
        return new EngineFingerprint(hash(file), version(), contextLength, kvType);
    }

    private static String hash(ModelFile file) throws IOException {
        MessageDigest digest = sha256();
        Map<String, Object> metadata = new TreeMap<>(file.allMetadata().asMap());
        metadata.forEach((key, value) -> update(digest, key + Arrays.deepToString(new Object[] {value})));
        Map<String, TensorInfo> tensors = new TreeMap<>();
        file.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        for (TensorInfo tensor : tensors.values()) {
            long sum = sum(file.tensor(tensor.name()).segment());
            update(digest, tensor.name() + " " + tensor.dtype() + " " + tensor.shape() + " " + sum);
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
    }

    private static void update(MessageDigest digest, String line) {
        digest.update(line.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
    }

    private static long sum(MemorySegment bytes) {
        CRC32C sum = new CRC32C();
        for (long begin = 0; begin < bytes.byteSize(); begin += PIECE) {
            sum.update(bytes.asSlice(begin, Math.min(PIECE, bytes.byteSize() - begin))
                    .asByteBuffer());
        }
        return sum.getValue();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    private static String version() {
        return Optional.ofNullable(EngineFingerprint.class.getModule().getDescriptor())
                .flatMap(ModuleDescriptor::rawVersion)
                .or(() ->
                        Optional.ofNullable(EngineFingerprint.class.getPackage().getImplementationVersion()))
                .orElse("development");
    }

    /** One word without spaces, as a system fingerprint. */
    @Override
    public String toString() {
        return "kelvin-" + engine + "-" + model + "-c" + contextLength + "-"
                + kvType.toString().toLowerCase(Locale.ROOT);
    }
}
