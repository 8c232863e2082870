#include "base/date.h"

enum {
    DAYS_YEAR = 365,
    DAYS_4 = 4 * DAYS_YEAR + 1,
    DAYS_100 = 25 * DAYS_4 - 1,
    DAYS_400 = 4 * DAYS_100 + 1,                /* after which the calendar repeats */
    EPOCH = 719468,                             /* 1970-01-01, in days since 0000-03-01 */
    DAYS_5_MONTHS = 153,                        /* from March on: 31 30 31 30 31, and again */
};

/* Years are counted from March: the leap day is their last. */
struct date date_of_day(long day)
{
    long cycle = (day + EPOCH) / DAYS_400, left = (day + EPOCH) % DAYS_400;
    long year = (left - left / (DAYS_4 - 1) + left / DAYS_100 - left / (DAYS_400 - 1)) / DAYS_YEAR;
    long month;

    left -= DAYS_YEAR * year + year / 4 - year / 100;
    month = (5 * left + 2) / DAYS_5_MONTHS;
    return (struct date) {
        .year = (int) (400 * cycle + year + (month >= 10)),
        .month = (int) (month < 10 ? month + 3 : month - 9),
        .day = (int) (left - (DAYS_5_MONTHS * month + 2) / 5 + 1),
    };
}
