/* date.h - what day it is in UTC, without a look at time zones: gmtime_r(3) reads /etc/localtime to no end. */
#pragma once

struct date { int year, month, day; };          /* month and day from 1 */

/* `day`: days since 1970-01-01, not negative. */
struct date date_of_day(long day);
