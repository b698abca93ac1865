-- SPDX-License-Identifier: GPL-2.0-only
--
-- Tables and numbers, made, gone through in order again and again, and some of them sorted: lua tables.lua N
-- Lua 5.4 and LuaJIT write the same.

local count = tonumber(arg[1])
local seed = 1

local function number(below)
	seed = (seed * 16807) % 2147483647
	return seed % below
end

local first, last
local column = {}
for i = 1, count do
	local record = { value = number(1000000) }
	if last then
		last.next = record
	else
		first = record
	end
	last = record
	column[i] = record.value
end

local function pass(round)
	local sum, i, record = 0, 1, first
	while record do
		record.value = (record.value * 3 + column[i] + round) % 1000003
		sum = (sum * 31 + record.value) % 2147483647
		record, i = record.next, i + 1
	end
	return sum
end

for round = 1, 6 do
	print("pass", round, string.format("%d", pass(round)))
end

local lines, some = {}, {}
for i = 1, count, 50 do
	some[#some + 1] = column[i] * 1000 + #some % 1000
end
table.sort(some)
for _, value in ipairs(some) do
	lines[#lines + 1] = string.format("%012d", value)
end
print(table.concat(lines, "\n"))
