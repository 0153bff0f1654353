unsigned char judge_record[1 << 18], judge_result[1 << 18];
unsigned judge_length;
/* What the callers call. */
void (*volatile judge_target)(void);

/* Calls, and says which of the values held across the call did not survive. From -O1 on, as many of them
   as there are callee-saved registers live in those. */
static volatile unsigned long judge_kept[12] = {
  0x11223344, 0x22334455, 0x33445566, 0x44556677, 0x55667788, 0x66778899,
  0x778899aa, 0x8899aabb, 0x99aabbcc, 0xaabbccdd, 0xbbccddee, 0xccddeeff,
};
static volatile double judge_kept_doubles[10] = { 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5 };

unsigned judge_keep(void (*call)(void *), void *closure)
{
#define EACH(do) do(0) do(1) do(2) do(3) do(4) do(5) do(6) do(7) do(8) do(9)
#define HOLD(n) unsigned long a##n = judge_kept[n]; double d##n = judge_kept_doubles[n];
#define HELD(n) | (a##n != judge_kept[n]) << n | (d##n != judge_kept_doubles[n]) << (n + 16)
  EACH(HOLD)
  call(closure);
  return 0u EACH(HELD);
}

