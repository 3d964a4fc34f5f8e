// Random numbers by counting: Philox 4x32 with ten rounds, bit for bit those of Philox.java.
#pragma once

struct random_numbers {
    unsigned number[4];
};

__device__ inline unsigned low_word(unsigned long long v) { return (unsigned)v; }
__device__ inline unsigned high_word(unsigned long long v) { return (unsigned)(v >> 32); }

// The four numbers at the positions 4 counter ... 4 counter + 3 of a stream.
__device__ inline random_numbers philox(unsigned long long seed, unsigned long long stream, unsigned long long counter)
{
    unsigned c0 = low_word(counter), c1 = high_word(counter);
    unsigned c2 = low_word(stream), c3 = high_word(stream);
    unsigned k0 = low_word(seed), k1 = high_word(seed);
    for (int round = 0; round < 10; round++) {
        unsigned long long product0 = 0xD2511F53ull * c0;
        unsigned long long product1 = 0xCD9E8D57ull * c2;
        c0 = high_word(product1) ^ c1 ^ k0;
        c1 = low_word(product1);
        c2 = high_word(product0) ^ c3 ^ k1;
        c3 = low_word(product0);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return {{c0, c1, c2, c3}};
}
