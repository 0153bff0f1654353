/* The library of examples/add_data.rs. */

typedef struct {
    int num;
    double dnum;
} DataPoint;

DataPoint add_data(const DataPoint *dps, unsigned n)
{
    DataPoint sum = {0, 0.0};
    for (unsigned i = 0; i < n; i++) {
        sum.num += dps[i].num;
        sum.dnum += dps[i].dnum;
    }
    return sum;
}
