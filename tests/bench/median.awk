# SPDX-License-Identifier: MIT
#
# Samples of the benchmarks' tables, and their medians.

function add_sample(test, who, value) {
	sample[test, who, ++count[test, who]] = value
}

function median(test, who,    n, i, j, v, t) {
	n = count[test, who]
	for (i = 1; i <= n; i++) {
		t = sample[test, who, i]
		for (j = i - 1; j > 0 && v[j] > t; j--)
			v[j + 1] = v[j]
		v[j + 1] = t
	}
	if (!n)
		return 0
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
