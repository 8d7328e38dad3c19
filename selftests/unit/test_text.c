// SPDX-License-Identifier: GPL-2.0
/*
 * Appending text: numbers as printf prints them, addresses as inet_ntop does, words that are
 * cut apart again as they were.
 */
#include <arpa/inet.h>

#include "../../user/text.h"
#include "ktap.h"

static char line[512];

/* What the buffer holds, as a string; empties it. */
static const char *taken(struct text *t)
{
	text_sync(t);
	snprintf(line, sizeof(line), "%.*s", (int)t->buf->size, (char *)t->buf->data);
	t->buf->size = 0;
	return line;
}

static u32 next_random(void)
{
	static u64 state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

static void numbers(void)
{
	static const u64 numbers[] = {
		0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10000, 65535, 65536, 4294967295ULL,
		18446744073709551615ULL,
	};
	struct buf b = { 0 };
	struct text t = { .buf = &b };
	char want[32];

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		snprintf(want, sizeof(want), "%llu", (unsigned long long)numbers[i]);
		text_room(&t, 20);
		text_u64(&t, numbers[i]);
		EXPECT_STR(taken(&t), want);

		snprintf(want, sizeof(want), "%u", (u16)numbers[i]);
		text_room(&t, 5);
		text_u16(&t, numbers[i]);
		EXPECT_STR(taken(&t), want);

		snprintf(want, sizeof(want), "0x%x", (u32)numbers[i]);
		text_room(&t, 10);
		text_hex(&t, numbers[i]);
		EXPECT_STR(taken(&t), want);
	}
	buf_free(&b);
}

static void address4(void)
{
	struct buf b = { 0 };
	struct text t = { .buf = &b };
	char want[INET_ADDRSTRLEN];

	for (int i = 0; i < 10000; i++) {
		u32 addr = next_random();

		inet_ntop(AF_INET, &addr, want, sizeof(want));
		text_room(&t, 15);
		text_ip4(&t, &addr);
		if (!EXPECT_STR(taken(&t), want))
			break;
	}
	buf_free(&b);
}

/* Groups are zero, one digit, ffff or anything: so all runs of zeros come up. */
static void address6(void)
{
	struct buf b = { 0 };
	struct text t = { .buf = &b };
	char want[INET6_ADDRSTRLEN];

	for (int i = 0; i < 200000; i++) {
		u16 addr[8];

		for (int j = 0; j < 8; j++) {
			u32 r = next_random();
			u16 group = r >> 16;

			switch (r % 8) {
			case 0:
				group = r >> 8 & 15;
				break;
			case 1:
				group = 0xffff;
				break;
			case 2:
				break;
			default:
				group = 0;
			}
			addr[j] = htons(group);
		}
		inet_ntop(AF_INET6, addr, want, sizeof(want));
		text_room(&t, 45);
		text_ip6(&t, addr);
		if (!EXPECT_STR(taken(&t), want))
			break;
	}
	buf_free(&b);
}

static void quotes(void)
{
	static const char *const quoted[][2] = {
		{ "plain-word_1", "plain-word_1" },
		{ "", "\"\"" },
		{ "two words", "\"two words\"" },
		{ "dots.count", "\"dots.count\"" },
		{ "a\"b\\c'd", "\"a\\\"b\\\\c\\'d\"" },
	};
	static const char *const words[][2] = {
		{ "eth0.100@x'y\\z", "eth0.100@x'y\\z" },
		{ "", "\"\"" },
		{ "a b", "\"a b\"" },
		{ "a\tb", "\"a\tb\"" },
		{ "a\"b\\", "\"a\\\"b\\\\\"" },
	};
	struct buf b = { 0 };
	struct text t = { .buf = &b };

	for (size_t i = 0; i < ARRAY_SIZE(quoted); i++) {
		text_quoted(&t, quoted[i][0]);
		EXPECT_STR(taken(&t), quoted[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		text_word(&t, words[i][0], strlen(words[i][0]));
		EXPECT_STR(taken(&t), words[i][1]);
	}
	buf_free(&b);
}

/* A cursor and buf_add() take turns, and nothing that was written moves. */
static void growth(void)
{
	struct buf b = { 0 };
	struct text t = { .buf = &b };
	bool holds = true;

	for (u32 i = 0; i < 50000; i++) {
		text_room(&t, 10);
		text_hex(&t, i | 0x10000000);
		if (i % 7)
			continue;
		text_sync(&t);
		buf_add(&b, "+", 1);
	}
	text_sync(&t);
	for (u32 i = 0, at = 0; i < 50000; i++) {
		char want[16];

		snprintf(want, sizeof(want), "0x%x", i | 0x10000000);
		holds &= !memcmp(b.data + at, want, 10);
		at += 10;
		if (i % 7 == 0)
			holds &= b.data[at++] == '+';
		if (i == 49999)
			EXPECT(at == b.size);
	}
	EXPECT(holds);
	buf_free(&b);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(numbers), KTAP_CASE(address4), KTAP_CASE(address6),
		KTAP_CASE(quotes), KTAP_CASE(growth),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
