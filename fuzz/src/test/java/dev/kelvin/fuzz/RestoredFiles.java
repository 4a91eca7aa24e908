// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.fuzz;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.generate.Engine;
import dev.kelvin.generate.EngineFingerprint;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.head.Temperature;
import dev.kelvin.model.DecoderShape;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.train.Recipe;
import dev.kelvin.train.TokenData;
import dev.kelvin.train.Trainer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

/** Files of Kelvin's own, whose sum is right whatever the fuzzer made of them: behind it lies what is to be found. */
final class RestoredFiles {
    private static final Recipe RECIPE = new Recipe(1, 1, 4, 1e-2, 1e-3, 1, 0.9, 0.95, 0.1, 0.5, 0, 1);
    private static Trainer trainer;
    private static Engine engine;
    private static EngineFingerprint fingerprint;

    private RestoredFiles() {}

    /** The bytes with the sum of all but the last eight in these. */
    static byte[] withSum(byte[] data, boolean littleEndian) {
        byte[] bytes = data.clone();
        if (bytes.length >= Long.BYTES) {
            CRC32C sum = new CRC32C();
            sum.update(bytes, 0, bytes.length - Long.BYTES);
            ByteBuffer.wrap(bytes)
                    .order(littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN)
                    .putLong(bytes.length - Long.BYTES, sum.getValue());
        }
        return bytes;
    }

    static synchronized Trainer trainer() {
        if (trainer == null) {
            int[] tokens = new int[100];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = i * 7 % 5;
            }
            DecoderShape shape = new DecoderShape("llama", 5, 8, 4, 4, 1, 1, 1, true);
            trainer = new Trainer(shape, RECIPE, new TokenData(tokens, 0.2), Compute.serial());
        }
        return trainer;
    }

    /** Goes on from a checkpoint. A sound one of another run is an {@link IOException} that says so. */
    static boolean checkpoint(Path file) throws IOException {
        try {
            trainer().restore(file);
            return true;
        } catch (ModelFormatException e) {
            if (e.getMessage().lines().count() != 1) {
                throw e;
            }
            return false;
        } catch (IOException e) {
            if (!e.getMessage().startsWith(file + ": ")) {
                throw e;
            }
            return false;
        }
    }

    static synchronized Engine engine() throws IOException {
        if (engine == null) {
            OpenModel open = OpenModel.of(TinyModel.open(), Compute.serial(), LoadOptions.QUIET);
            fingerprint = new EngineFingerprint("tiny", "fuzz", 64, DType.F32);
            engine = new Engine(
                    open.model(),
                    open.tokenizer(),
                    open.compute(),
                    EngineLimits.STANDARD.withKeysAndValues(1 << 20, DType.F32));
        }
        return engine;
    }

    static EngineFingerprint fingerprint() throws IOException {
        engine();
        return fingerprint;
    }

    /** Takes what is there, and answers a prompt that may begin like one of it. */
    static boolean prefixes(Path file) throws IOException {
        Engine engine = engine();
        engine.forgetPrefixes();
        try {
            engine.loadCache(file, fingerprint);
        } catch (ModelFormatException e) {
            if (e.getMessage().lines().count() != 1) {
                throw e;
            }
            return false;
        }
        answer(engine);
        return true;
    }

    static void answer(Engine engine) {
        GenerateOptions options = new GenerateOptions(2, 0, List.of(new Temperature(0)));
        GenerationRequest request = GenerationRequest.of(new int[] {1, 4, 5, 6}, options);
        try {
            engine.generate(request, GenerationListener.ofText(text -> {}));
        } catch (IllegalArgumentException e) {
            // Numbers that a right sum vouches for may be finite and as large as none that a model makes.
            if (!e.getMessage().contains("logits")) {
                throw e;
            }
        }
    }
}
