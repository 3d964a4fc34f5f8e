// Writes the numbers of Scalars.
extern "C" __global__ void set_scalars(float *scalars, float a, float b, float c, float d)
{
    scalars[0] = a;
    scalars[1] = b;
    scalars[2] = c;
    scalars[3] = d;
}
