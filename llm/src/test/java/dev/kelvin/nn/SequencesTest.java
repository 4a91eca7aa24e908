// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.nn.Batch.Wanted;
import dev.kelvin.nn.LayerMemory.KeysAndValues;
import dev.kelvin.nn.LayerMemory.State;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.StateRows;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The memory of sequences: pages, forks, cuts, states, and what is refused. */
class SequencesTest {
    /** A page of 64 positions of 2 heads of 4 elements, keys and values. */
    private static final long PAGE = 64 * 2 * 4 * 2 * 4;

    private static final int[] IDS = new int[1000];

    private final Batch batch = new Batch();

    private static KvPool plain(long limit) {
        return KvPool.open(List.of(KeysAndValues.of(2, 4)), DType.F32, limit);
    }

    private void grow(Sequence sequence, int rows) {
        batch.clear();
        batch.add(sequence, IDS, 0, rows, Wanted.NONE);
        batch.begin();
        batch.commit();
    }

    private KvPage[] pages(Sequence sequence) {
        return sequence.table(0).storages();
    }

    @Test
    void pagesAreMadeWhenTheyAreNeededAndGoBack() {
        KvPool pool = plain(Long.MAX_VALUE);
        Sequence sequence = pool.newSequence();
        assertEquals(0, pool.usedBytes());
        grow(sequence, 64);
        assertEquals(PAGE, pool.usedBytes());
        grow(sequence, 1);
        assertEquals(2 * PAGE, pool.usedBytes());
        assertEquals(65, sequence.length());
        KvPage first = pages(sequence)[0];
        sequence.truncate(64);
        assertEquals(PAGE, pool.usedBytes());
        sequence.truncate(3);
        assertEquals(PAGE, pool.usedBytes());
        sequence.close();
        sequence.close();
        assertEquals(0, pool.usedBytes());
        Sequence other = pool.newSequence();
        grow(other, 1);
        grow(other, 64);
        assertTrue(Arrays.stream(pages(other)).anyMatch(first::equals), "pages are used again");
        assertThrows(IllegalStateException.class, sequence::fork);
        assertThrows(IllegalStateException.class, () -> batch.add(sequence, IDS, 0, 1, Wanted.NONE));
    }

    @Test
    void forksShareUntilOneWrites() {
        KvPool pool = plain(Long.MAX_VALUE);
        Sequence sequence = pool.newSequence();
        grow(sequence, 100);
        Sequence fork = sequence.fork();
        assertEquals(100, fork.length());
        assertEquals(2 * PAGE, pool.usedBytes());
        float[] original = ((dev.kelvin.tensor.F32KvPage) pages(sequence)[1]).elements();
        original[5] = 7;
        grow(fork, 1);
        assertEquals(3 * PAGE, pool.usedBytes());
        assertSame(pages(sequence)[0], pages(fork)[0]);
        assertNotSame(pages(sequence)[1], pages(fork)[1]);
        assertEquals(7, ((dev.kelvin.tensor.F32KvPage) pages(fork)[1]).elements()[5]);
        // The original alone holds its second page now, and writes in place.
        KvPage second = pages(sequence)[1];
        grow(sequence, 1);
        assertSame(second, pages(sequence)[1]);
        sequence.close();
        assertEquals(2 * PAGE, pool.usedBytes());
        fork.close();
        assertEquals(0, pool.usedBytes());
    }

    /** Two forks of one page in one batch: the first copies, the second has it for itself by then. */
    @Test
    void forksInOneBatch() {
        KvPool pool = plain(Long.MAX_VALUE);
        Sequence sequence = pool.newSequence();
        grow(sequence, 10);
        Sequence fork = sequence.fork();
        batch.clear();
        batch.add(sequence, IDS, 0, 1, Wanted.LAST);
        batch.add(fork, IDS, 0, 2, Wanted.LAST);
        batch.begin();
        batch.commit();
        assertEquals(2 * PAGE, pool.usedBytes());
        assertNotSame(pages(sequence)[0], pages(fork)[0]);
    }

    @Test
    void aFullPoolRefusesInWordsAndChangesNothing() {
        KvPool pool = plain(2 * PAGE);
        Sequence first = pool.newSequence();
        Sequence second = pool.newSequence();
        grow(first, 70);
        batch.clear();
        batch.add(second, IDS, 0, 3, Wanted.LAST);
        batch.add(first, IDS, 0, 1, Wanted.LAST);
        assertEquals(
                "keys and values: 4 more rows need " + PAGE + " bytes, but " + 2 * PAGE + " of at most " + 2 * PAGE
                        + " are in use",
                assertThrows(KvPoolFullException.class, batch::begin).getMessage());
        assertEquals(0, second.length());
        assertEquals(2 * PAGE, pool.usedBytes());
        first.close();
        grow(second, 3);
        assertEquals(PAGE, pool.usedBytes());
    }

    @Test
    void aPassThatFailsHasNotHappened() {
        KvPool pool = KvPool.open(List.of(KeysAndValues.of(2, 4), new State(3)), DType.F32, Long.MAX_VALUE);
        Sequence sequence = pool.newSequence();
        grow(sequence, 5);
        batch.clear();
        batch.add(sequence, IDS, 0, 70, Wanted.ALL);
        batch.begin();
        batch.states(1).after()[0][0] = 9;
        batch.clear();
        assertEquals(5, sequence.length());
        batch.add(sequence, IDS, 0, 2, Wanted.LAST);
        batch.begin();
        assertEquals(0, batch.states(1).before()[0][0]);
    }

    @Test
    void rowsKnowTheirPlaces() {
        KvPool pool = plain(Long.MAX_VALUE);
        Sequence first = pool.newSequence();
        Sequence second = pool.newSequence();
        grow(second, 9);
        int[] ids = {10, 11, 12, 13, 14};
        batch.clear();
        batch.add(first, ids, 1, 4, Wanted.ALL);
        batch.add(second, ids, 0, 2, Wanted.LAST);
        assertEquals(5, batch.rows());
        assertEquals(2, batch.spans());
        int[] expectedIds = {11, 12, 13, 10, 11};
        int[] expectedPositions = {0, 1, 2, 9, 10};
        for (int row = 0; row < 5; row++) {
            assertEquals(expectedIds[row], batch.id(row));
            assertEquals(expectedPositions[row], batch.position(row));
        }
        assertEquals(4, batch.wantedRows());
        assertEquals(2, batch.wantedRow(2));
        assertEquals(4, batch.wantedRow(3));
        assertThrows(IllegalArgumentException.class, () -> batch.add(first, ids, 0, 1, Wanted.NONE));
        assertThrows(IllegalArgumentException.class, () -> batch.add(pool.newSequence(), ids, 2, 2, Wanted.NONE));
        assertThrows(
                IllegalArgumentException.class,
                () -> batch.add(plain(Long.MAX_VALUE).newSequence(), ids, 0, 1, Wanted.NONE));
        assertThrows(IllegalStateException.class, () -> batch.keysAndValues(0));
        batch.begin();
        assertEquals(5, batch.keysAndValues(0).spans().rows());
        batch.commit();
        assertEquals(11, second.length());
        assertThrows(IllegalStateException.class, batch::begin);
    }

    /** What a window has left behind is given up, but for a page by which a sequence can still be cut back. */
    @Test
    void windowsGiveUpPages() {
        KvPool pool = KvPool.open(
                List.of(new KeysAndValues(2, 4, 4, 100), KeysAndValues.of(2, 4)), DType.F32, Long.MAX_VALUE);
        Sequence sequence = pool.newSequence();
        for (int i = 0; i < 10; i++) {
            grow(sequence, 50);
        }
        // The row at 500 sees from 401 on, page 6; page 5 is spare, and there are 8.
        KvPage[] windowed = sequence.table(0).storages();
        assertNull(windowed[4]);
        assertTrue(windowed[5] != null && windowed[7] != null);
        assertEquals((3 + 8) * PAGE, pool.usedBytes());
        assertTrue(sequence.canTruncate(430));
        assertTrue(sequence.canTruncate(419));
        assertFalse(sequence.canTruncate(418));
        assertThrows(IllegalArgumentException.class, () -> sequence.truncate(100));
        sequence.truncate(419);
        assertEquals((2 + 7) * PAGE, pool.usedBytes());
        sequence.truncate(0);
        assertEquals(0, pool.usedBytes());
        grow(sequence, 3);
        assertEquals(2 * PAGE, pool.usedBytes());
        assertEquals(
                (3 + 8) * PAGE,
                KvPool.bytes(List.of(new KeysAndValues(2, 4, 4, 100), KeysAndValues.of(2, 4)), DType.F32, 500));
    }

    @Test
    void statesForkAndGoForwardOnly() {
        KvPool pool = KvPool.open(List.of(new State(2), new State(1)), DType.F32, Long.MAX_VALUE);
        Sequence sequence = pool.newSequence();
        step(sequence, 3, 5);
        step(sequence, 1, 6);
        assertEquals(2 * 3 * 4, pool.usedBytes());
        Sequence fork = sequence.fork();
        step(sequence, 1, 7);
        step(fork, 1, 8);
        step(fork, 1, 9);
        assertEquals(7, sequence.state(0)[1]);
        assertEquals(9, fork.state(0)[1]);
        assertFalse(sequence.canTruncate(4));
        assertTrue(sequence.canTruncate(5));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> sequence.truncate(4))
                .getMessage()
                .contains("recurrent states go forward only"));
        sequence.truncate(0);
        batch.clear();
        batch.add(sequence, IDS, 0, 1, Wanted.NONE);
        batch.begin();
        assertEquals(0, batch.states(0).before()[0][1]);
        batch.commit();
        fork.close();
        sequence.close();
        assertEquals(0, pool.usedBytes());
    }

    /** Adds rows that leave a number in the states, checking that what was left before is still there. */
    private void step(Sequence sequence, int rows, float number) {
        batch.clear();
        batch.add(sequence, IDS, 0, rows, Wanted.NONE);
        float before = sequence.hasStates() ? sequence.state(0)[1] : 0;
        batch.begin();
        StateRows states = batch.states(0);
        assertNotSame(states.before()[0], states.after()[0]);
        assertEquals(before, states.before()[0][1]);
        states.after()[0][1] = number;
        batch.commit();
    }

    private static List<LayerMemory> everyKind() {
        return List.of(new KeysAndValues(1, 32, 64, 70), KeysAndValues.of(2, 32), new State(5));
    }

    /** Numbers everywhere, so that what is not restored shows. */
    private Sequence filled(KvPool pool, int length) {
        Sequence sequence = pool.newSequence();
        byte[] scratch = new byte[KvPage.SCRATCH_BYTES];
        float[] numbers = new float[64];
        for (int done = 0; done < length; done++) {
            batch.clear();
            batch.add(sequence, IDS, 0, 1, Wanted.NONE);
            batch.begin();
            for (int slot = 0; slot < 2; slot++) {
                KvRows rows = batch.keysAndValues(slot);
                KvPage page = rows.pages()[0][done / 64];
                for (int h = 0; h < rows.slice().kvHeads(); h++) {
                    for (int i = 0; i < numbers.length; i++) {
                        numbers[i] = (float) Math.sin(done * 97 + slot * 31 + h * 7 + i);
                    }
                    page.storeKey(numbers, 0, 32, rows.slice().keys(h), done % 64, scratch);
                    page.storeValue(
                            numbers, 0, rows.slice().valueDim(), rows.slice().values(h), done % 64, scratch);
                }
            }
            Arrays.fill(batch.states(2).after()[0], done);
            batch.commit();
        }
        return sequence;
    }

    private static byte[] saved(Sequence sequence) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        sequence.save(out);
        return out.toByteArray();
    }

    @Test
    void whatIsSavedIsRestored() throws IOException {
        for (DType type : List.of(DType.F32, DType.F16, DType.Q8_0)) {
            KvPool pool = KvPool.open(everyKind(), type, Long.MAX_VALUE);
            for (int length : new int[] {0, 1, 64, 65, 300}) {
                Sequence sequence = filled(pool, length);
                byte[] bytes = saved(sequence);
                KvPool other = KvPool.open(everyKind(), type, Long.MAX_VALUE);
                Sequence restored = other.restore(new ByteArrayInputStream(bytes));
                assertEquals(length, restored.length());
                assertArrayEquals(bytes, saved(restored), type + ", " + length);
                grow(restored, 1);
                assertEquals(length + 1, restored.length());
            }
        }
    }

    @Test
    void refusesWhatIsNoSavedSequence() throws IOException {
        KvPool pool = KvPool.open(everyKind(), DType.F16, Long.MAX_VALUE);
        byte[] bytes = saved(filled(pool, 70));
        KvPool other = KvPool.open(everyKind(), DType.F32, Long.MAX_VALUE);
        assertEquals(
                "saved sequence: it is of another model, or keeps its keys and values in another type",
                assertThrows(IOException.class, () -> other.restore(new ByteArrayInputStream(bytes)))
                        .getMessage());
        KvPool small = KvPool.open(everyKind(), DType.F16, 5_000);
        assertThrows(KvPoolFullException.class, () -> small.restore(new ByteArrayInputStream(bytes)));
        assertEquals(0, small.usedBytes());
        KvPool same = KvPool.open(everyKind(), DType.F16, Long.MAX_VALUE);
        for (int cut = 0; cut < bytes.length; cut += 97) {
            byte[] part = Arrays.copyOf(bytes, cut);
            assertThrows(IOException.class, () -> same.restore(new ByteArrayInputStream(part)));
        }
        assertEquals(0, same.usedBytes());
        byte[] wrong = bytes.clone();
        wrong[0]++;
        assertThrows(IOException.class, () -> same.restore(new ByteArrayInputStream(wrong)));
    }

    @Test
    void refusesWhatCannotBeKept() {
        assertEquals(
                "keys and values: they are kept in F32, F16 or Q8_0, not Q4_0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> KvPool.open(List.of(KeysAndValues.of(1, 32)), DType.Q4_0, 1))
                        .getMessage());
        assertThrows(
                IllegalArgumentException.class, () -> KvPool.open(List.of(KeysAndValues.of(1, 33)), DType.Q8_0, 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> KvPool.open(List.of(KeysAndValues.of(1 << 16, 1 << 15)), DType.F32, 1));
        assertThrows(IllegalArgumentException.class, () -> KeysAndValues.of(0, 4));
        assertThrows(IllegalArgumentException.class, () -> new State(0));
    }

    @Test
    void knowsHowManyPositionsItHasRoomFor() {
        List<LayerMemory> slots = List.of(new KeysAndValues(2, 4, 4, 100), KeysAndValues.of(2, 4), new State(3));
        long states = 2 * 3 * 4;
        assertEquals(0, KvPool.open(slots, DType.F32, 2 * PAGE).positions(1000));
        assertEquals(64, KvPool.open(slots, DType.F32, 2 * PAGE + states).positions(1000));
        assertEquals(64, KvPool.open(slots, DType.F32, 4 * PAGE + states - 1).positions(1000));
        assertEquals(256, KvPool.open(slots, DType.F32, 8 * PAGE + states).positions(1000));
        assertEquals(30, KvPool.open(slots, DType.F32, 8 * PAGE + states).positions(30));
        // The window holds 4 pages at most: what it sees, and the spare one.
        assertEquals(384, KvPool.open(slots, DType.F32, 10 * PAGE + states).positions(1000));
        assertEquals(Integer.MAX_VALUE - 1, plain(Long.MAX_VALUE).positions(Integer.MAX_VALUE - 1));
        for (int pages = 2; pages < 14; pages++) {
            KvPool pool = KvPool.open(slots, DType.F32, pages * PAGE + states);
            Sequence sequence = pool.newSequence();
            int most = pool.positions(1000);
            for (int i = 0; i < most; i++) {
                grow(sequence, 1);
            }
            assertThrows(KvPoolFullException.class, () -> grow(sequence, 200), pages + " pages");
        }
    }

    /** What two have computed of one text is kept once. */
    @Test
    void sharesWhatBothHaveComputed() {
        KvPool pool =
                KvPool.open(List.of(KeysAndValues.of(2, 4), new KeysAndValues(2, 4, 4, 20)), DType.F32, Long.MAX_VALUE);
        Sequence first = pool.newSequence();
        Sequence second = pool.newSequence();
        grow(first, 130);
        grow(second, 300);
        assertEquals((3 + 2 + 5 + 3) * PAGE, pool.usedBytes());
        second.share(first, 129);
        assertSame(pages(first)[1], pages(second)[1]);
        assertNotSame(pages(first)[2], pages(second)[2]);
        // The window of the second has left behind what it could share.
        assertEquals((3 + 2 + 5 + 3 - 2) * PAGE, pool.usedBytes());
        second.share(first, 129);
        assertEquals((3 + 2 + 5 + 3 - 2) * PAGE, pool.usedBytes());
        assertThrows(IllegalArgumentException.class, () -> second.share(first, 131));
        assertThrows(
                IllegalArgumentException.class,
                () -> second.share(plain(Long.MAX_VALUE).newSequence(), 0));
        assertFalse(pool.cutsAnywhere());
        assertTrue(plain(1).cutsAnywhere());
        assertFalse(KvPool.open(List.of(new State(1)), DType.F32, 1).cutsAnywhere());
        first.close();
        grow(second, 1);
        second.close();
        assertEquals(0, pool.usedBytes());
        assertThrows(IllegalStateException.class, () -> second.share(first, 0));
    }

    /** What was cut back under a window has no spare page left, and is saved and restored all the same. */
    @Test
    void whatWasCutBackIsRestored() throws IOException {
        KvPool pool = KvPool.open(everyKind().subList(0, 2), DType.F32, Long.MAX_VALUE);
        Sequence sequence = pool.newSequence();
        grow(sequence, 300);
        sequence.truncate(200);
        byte[] bytes = saved(sequence);
        Sequence restored = pool.restore(new ByteArrayInputStream(bytes));
        assertEquals(200, restored.length());
        assertArrayEquals(bytes, saved(restored));
    }
}
